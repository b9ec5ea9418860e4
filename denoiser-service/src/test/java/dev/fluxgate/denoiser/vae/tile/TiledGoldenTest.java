package dev.fluxgate.denoiser.vae.tile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.testing.TestedBackend;
import dev.fluxgate.denoiser.vae.Posterior;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeEncoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.denoiser.vae.VaeWeights;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TiledGoldenTest {

  static Stream<Arguments> casesOnEveryBackend() {
    return TestedBackend.each(
        Stream.of("flux2-vae", "flux1-vae")
            .flatMap(family -> GoldenCase.all(family).stream())
            .filter(golden -> golden.parameters().has("tiling")));
  }

  @ParameterizedTest
  @MethodSource("casesOnEveryBackend")
  void passesTilesAsTheReferenceInThePlannedMemory(GoldenCase golden, TestedBackend tested) {
    try (Backend backend = tested.open();
        Checkpoint checkpoint = Checkpoint.open(golden.model());
        WeightStore store = backend.weights(dtype(golden))) {
      VaeParams params = params(golden);
      if (golden.operation().equals("decode")) {
        VaeWeights weights = VaeWeights.decoder(params, checkpoint, store);
        TiledDecoder decoder = new TiledDecoder(new VaeDecoder(backend, weights, StageProbe.NONE));
        golden.assertMatches("out.sample", decode(golden, backend, decoder));
      } else {
        VaeWeights weights = VaeWeights.encoder(params, checkpoint, store);
        TiledEncoder encoder = new TiledEncoder(new VaeEncoder(backend, weights, StageProbe.NONE));
        Posterior posterior = encode(golden, backend, encoder);
        golden.assertMatches("out.mean", posterior.mean());
        golden.assertMatches("out.logvar", posterior.logVariance());
      }
    }
  }

  private static HostTensor decode(GoldenCase golden, Backend backend, TiledDecoder decoder) {
    HostTensor latent = golden.tensor("in.latent").to(dtype(golden));
    Shape s = latent.shape();
    long bytes = WorkspacePlan.bytes(plan -> assertThat(decoding(golden, plan, s)).isNotNull());
    try (Workspace workspace = backend.workspace(bytes)) {
      TileActivations activations = decoding(golden, workspace, s);
      assertThat(workspace.peakBytes()).isEqualTo(bytes);
      return LatentPacker.channelsFirst(decoder.decode(latent, activations));
    }
  }

  private static TileActivations decoding(GoldenCase golden, Workspace workspace, Shape s) {
    return TileActivations.decoding(
        workspace, params(golden), dtype(golden), tiling(golden), s.size(2), s.size(3));
  }

  private static Posterior encode(GoldenCase golden, Backend backend, TiledEncoder encoder) {
    HostTensor image = golden.tensor("in.image").to(dtype(golden));
    Shape s = image.shape();
    long bytes = WorkspacePlan.bytes(plan -> assertThat(encoding(golden, plan, s)).isNotNull());
    try (Workspace workspace = backend.workspace(bytes)) {
      return encoder.encode(image, encoding(golden, workspace, s));
    }
  }

  private static TileActivations encoding(GoldenCase golden, Workspace workspace, Shape s) {
    return TileActivations.encoding(
        workspace, params(golden), dtype(golden), tiling(golden), s.size(2), s.size(3));
  }

  @Test
  void takesLessMemoryInTiles() {
    VaeParams params = params(GoldenCase.all("flux2-vae").getFirst());

    assertThat(decodingBytes(params, Tiling.of(params)))
        .isLessThan(decodingBytes(params, Tiling.NONE));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.25, 0.3, 0.49, 0.5, 0.7, 0.9, 0.99})
  void joinsTilesOfEverySizeAndOverlapWithoutAGap(double overlap) {
    VaeParams params = params(GoldenCase.all("flux2-vae").getFirst());
    int scale = params.scale();
    for (int latent = 1; latent < 60; latent++) {
      Tiling tiling = Tiling.of(params, latent * scale, overlap);
      for (int size = latent; size < 100; size += 7) {
        TileAxis decoded = tiling.latentAxis(size);
        assertThat(joined(decoded, scale, 1)).as("%s of %s", tiling, size).isEqualTo(size * scale);
        TileAxis encoded = tiling.pictureAxis(size * scale);
        assertThat(joined(encoded, 1, scale)).as("%s of %s", tiling, size).isEqualTo(size);
      }
    }
  }

  /** Pixels that come out, where a tile's size is multiplied and divided. */
  private static int joined(TileAxis axis, int times, int by) {
    return axis.spans().stream()
        .mapToInt(span -> Math.min(axis.kept(), span.size() * times / by))
        .sum();
  }

  @Test
  void refusesTilesThatAreNotWholeLatentPixelsWide() {
    VaeParams params = params(GoldenCase.all("flux2-vae").getFirst());
    int scale = params.scale();

    assertThatThrownBy(() -> Tiling.of(params, scale + 1, null))
        .hasMessage("tile_size: %d (expected: a multiple of %d)", scale + 1, scale);
    assertThatThrownBy(() -> Tiling.of(params, scale - 1, null))
        .hasMessage("tile_size: %d (expected: a multiple of %d)", scale - 1, scale);
  }

  @Test
  void countsTheTilesOfTheReleasedModel() {
    Tiling released = new Tiling(1024, 128, 0.25);

    assertThat(released.cutsLatent(128, 128)).isFalse();
    assertThat(released.cutsLatent(128, 129)).isTrue();
    assertThat(released.cutsPicture(1025, 16)).isTrue();
    assertThat(released.latentAxis(200))
        .hasToString(
            "TileAxis[spans=[Span[from=0, size=128], Span[from=96, size=104],"
                + " Span[from=192, size=8]], blended=256, kept=768]");
    assertThat(released.pictureAxis(1040).kept()).isEqualTo(96);
  }

  @Test
  void refusesTilesThatDoNotAdvance() {
    assertThatThrownBy(() -> new Tiling(0, 1, 0))
        .hasMessage("tile: 0 pixels, 1 of the latent (expected: at least 1)");
    assertThatThrownBy(() -> new Tiling(8, 1, 0.25))
        .hasMessageStartingWith("overlap: 0.25 of 1 (expected: ");
    assertThatThrownBy(() -> new Tiling(8, 8, Double.NaN)).hasMessageStartingWith("overlap: NaN");
  }

  private static long decodingBytes(VaeParams params, Tiling tiling) {
    return WorkspacePlan.bytes(plan ->
        assertThat(TileActivations.decoding(plan, params, DType.F32, tiling, 40, 40)).isNotNull());
  }

  private static Tiling tiling(GoldenCase golden) {
    JsonNode tiling = golden.parameters().path("tiling");
    return new Tiling(
        tiling.path("tile_sample_min_size").intValue(),
        tiling.path("tile_latent_min_size").intValue(),
        tiling.path("tile_overlap_factor").asDouble(0.25));
  }

  private static VaeParams params(GoldenCase golden) {
    return VaeParams.of(ConfigJson.read(golden.model().resolve("config.json")));
  }

  private static DType dtype(GoldenCase golden) {
    return golden.parameters().path("compute_dtype").asText().equals("bfloat16")
        ? DType.BF16
        : DType.F32;
  }
}
