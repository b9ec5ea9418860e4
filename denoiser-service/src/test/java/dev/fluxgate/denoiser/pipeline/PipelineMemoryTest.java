package dev.fluxgate.denoiser.pipeline;

import static dev.fluxgate.denoiser.testing.RequestChanges.withGuidance;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNumImages;
import static dev.fluxgate.denoiser.testing.RequestChanges.withPreviews;
import static dev.fluxgate.denoiser.testing.RequestChanges.withTiling;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.denoiser.testing.CountedMemory;
import dev.fluxgate.denoiser.testing.TinyJobs;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Jobs of every pipeline whose pictures are larger than a tile of their model. */
class PipelineMemoryTest {
  private static final int WIDTH = 96;
  private static final int HEIGHT = 80;

  /** Mean distance of pixels in [0, 1]; the norms of these small tiles see little of a picture. */
  private static final double ALIKE = 0.12;

  private final CountedMemory memory = new CountedMemory();
  private final Backend backend = memory.of(new ReferenceBackend());

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @EnumSource
  void usesThePlannedBytesAndNotOneMore(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      DenoiseRequest request =
          withPreviews(withNumImages(TinyJobs.request(kind, WIDTH, HEIGHT), 2), true);
      DenoiseRequest guided = withGuidance(request, request.guidance().withTrueCfgScale(2));
      PromptEmbeds embeds = TinyJobs.bothEmbeds(model);
      Pipeline pipeline = PipelineChoice.open(model, kind, Long.MAX_VALUE);

      assertThat(pipeline.run(guided, embeds, DenoiseListener.NONE).images()).hasSize(2);

      assertThat(memory.asked()).isEqualTo(pipeline.plannedBytes(guided, embeds.shapes()));
      assertThat(memory.used()).isEqualTo(memory.asked());
    }
  }

  @ParameterizedTest
  @EnumSource
  void drawsInTilesWhatDoesNotFitWhole(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      DenoiseRequest request = TinyJobs.request(kind, WIDTH, HEIGHT);
      PromptEmbeds embeds = TinyJobs.embeds(model);
      Pipeline unlimited = PipelineChoice.open(model, kind, Long.MAX_VALUE);
      long whole = unlimited.plannedBytes(request, embeds.shapes());
      GeneratedImages drawnWhole = unlimited.run(request, embeds, DenoiseListener.NONE);
      Pipeline exact = PipelineChoice.open(model, kind, whole);
      assertThat(exact.plannedBytes(request, embeds.shapes())).isEqualTo(whole);
      Pipeline limited = PipelineChoice.open(model, kind, whole - 1);

      GeneratedImages tiled = limited.run(request, embeds, DenoiseListener.NONE);

      assertThat(memory.asked())
          .isEqualTo(limited.plannedBytes(request, embeds.shapes()))
          .isLessThan(whole);
      assertThat(memory.used()).isEqualTo(memory.asked());
      assertThat(meanDistance(tiled.pixels(), drawnWhole.pixels())).isBetween(1e-6, ALIKE);
      boolean encodes = kind != PipelineKind.FLUX;
      assertThat(meanDistance(tiled.latents(), drawnWhole.latents()) > 0)
          .as("pictures that go in are cut too")
          .isEqualTo(encodes);
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatDoesNotFitEvenInTiles(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      DenoiseRequest request = TinyJobs.request(kind, WIDTH, HEIGHT);
      PromptEmbeds embeds = TinyJobs.embeds(model);
      long tiled = PipelineChoice.open(model, kind, 1).plannedBytes(request, embeds.shapes());
      Pipeline limited = PipelineChoice.open(model, kind, tiled - 1);

      assertThatThrownBy(() -> limited.run(request, embeds, DenoiseListener.NONE))
          .isInstanceOf(DeviceMemoryException.class)
          .hasMessage(
              "job: %d bytes of activations, with the VAE in tiles of %d pixels"
                  + " (expected: at most %d bytes here)",
              tiled, model.codec().tiling(null, null).samplePixels(), tiled - 1);
      assertThat(memory.asked()).as("nothing was laid out").isZero();
    }
  }

  @Test
  void drawsInTheTilesThatAreAskedForHoweverMuchMemoryThereIs() throws IOException {
    try (DenoiserModel model = TinyJobs.model(PipelineKind.FLUX2, backend)) {
      DenoiseRequest request = DenoiseRequest.of(WIDTH, HEIGHT, 1, 1, 7);
      PromptEmbeds embeds = TinyJobs.embeds(model);
      Pipeline pipeline = PipelineChoice.of(model, null, request);
      GeneratedImages whole = pipeline.run(request, embeds, DenoiseListener.NONE);
      long wholeBytes = memory.asked();

      GeneratedImages tiled =
          pipeline.run(withTiling(request, new Tiling(48, 0.5)), embeds, DenoiseListener.NONE);

      assertThat(memory.asked()).isLessThan(wholeBytes);
      assertThat(tiled.latents().toFloats()).isEqualTo(whole.latents().toFloats());
      assertThat(meanDistance(tiled.pixels(), whole.pixels())).isBetween(1e-6, ALIKE);
      GeneratedImages large =
          pipeline.run(withTiling(request, new Tiling(WIDTH, null)), embeds, DenoiseListener.NONE);
      assertThat(large.pixels().toFloats()).isEqualTo(whole.pixels().toFloats());
    }
  }

  @Test
  void refusesTilesThatTheVaeCannotMake() throws IOException {
    try (DenoiserModel model = TinyJobs.model(PipelineKind.FLUX2, backend)) {
      DenoiseRequest request =
          withTiling(DenoiseRequest.of(WIDTH, HEIGHT, 1, 1, 7), new Tiling(30, null));
      Pipeline pipeline = PipelineChoice.of(model, null, request);

      assertThatThrownBy(() -> pipeline.plannedBytes(request, TinyJobs.embeds(model).shapes()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tile_size: 30 (expected: a multiple of 4)");
    }
  }

  @Test
  void tilesNothingWhereTilesTakeNoLess() throws IOException {
    try (DenoiserModel model = TinyJobs.model(PipelineKind.FLUX2, backend)) {
      DenoiseRequest small = DenoiseRequest.of(16, 16, 1, 1, 7);
      PromptEmbeds embeds = TinyJobs.embeds(model);
      Pipeline limited = PipelineChoice.of(model, null, small, 100);

      assertThatThrownBy(() -> limited.run(small, embeds, DenoiseListener.NONE))
          .isInstanceOf(DeviceMemoryException.class)
          .hasMessageMatching(
              "job: \\d+ bytes of activations \\(expected: at most 100 bytes here\\)");
    }
  }

  private static double meanDistance(HostTensor one, HostTensor other) {
    double sum = 0;
    long count = one.shape().count();
    for (long i = 0; i < count; i++) {
      sum += Math.abs((double) one.get(i) - other.get(i));
    }
    return sum / count;
  }
}
