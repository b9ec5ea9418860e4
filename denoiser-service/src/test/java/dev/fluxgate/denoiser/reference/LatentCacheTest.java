package dev.fluxgate.denoiser.reference;

import static dev.fluxgate.denoiser.testing.RequestChanges.withPictures;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.testing.TinyModels;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LatentCacheTest {
  private static final Shape LATENTS = Shape.of(4);

  private final AtomicInteger encoded = new AtomicInteger();

  @Test
  void forgetsTheLeastRecentlyUsedBeyondItsBytes() {
    LatentCache cache = new LatentCache(2 * 16);
    encode(cache, 1);
    encode(cache, 2);
    encode(cache, 1);
    encode(cache, 3);
    assertThat(encoded).hasValue(3);
    assertThat(cache.bytes()).isEqualTo(32);
    encode(cache, 1);
    assertThat(encoded).as("1 was used again").hasValue(3);
    encode(cache, 2);
    assertThat(encoded).as("2 was not").hasValue(4);
  }

  @Test
  void keepsNothingLargerThanItself() {
    LatentCache cache = new LatentCache(15);
    encode(cache, 1);
    encode(cache, 1);
    assertThat(encoded).hasValue(2);
    assertThat(cache.bytes()).isZero();
  }

  @Test
  void knowsTilesFromTheWhole() {
    LatentCache cache = new LatentCache(1000);
    encode(cache, 1);
    encode(cache, 1, new Tiling(8, 4, 0));
    assertThat(encoded).hasValue(2);
    encode(cache, 1, new Tiling(8, 4, 0));
    assertThat(encoded).hasValue(2);
  }

  private void encode(LatentCache cache, float content) {
    encode(cache, content, Tiling.NONE);
  }

  private void encode(LatentCache cache, float content, Tiling tiling) {
    HostTensor _ =
        cache.of(
            HostTensor.of(DType.F32, Shape.of(1), content),
            tiling,
            _ -> {
              encoded.incrementAndGet();
              return HostTensor.zeros(DType.F32, LATENTS);
            });
  }

  @Test
  void encodesAPictureOnceHoweverOftenItIsSent() throws IOException {
    StageProbe counting =
        (stage, _) -> {
          if (stage.equals("down.0")) {
            encoded.incrementAndGet();
          }
        };
    try (Backend backend = new ReferenceBackend();
        DenoiserModel model =
            DenoiserModel.load(
                TinyModels.of(ModelFamily.FLUX2_KLEIN), backend, DType.F32, counting)) {
      Shape shape = Shape.of(1, 3, model.promptWidth());
      PromptEmbeds embeds = PromptEmbeds.of(new TorchGenerator(1).randn(shape, DType.F32));
      for (int job = 0; job < 3; job++) {
        InputPictures pictures = InputPictures.references(List.of(grey(job / 2), grey(0)));
        DenoiseRequest request = withPictures(DenoiseRequest.of(16, 16, 1, 1, job), pictures);
        assertThat(
                PipelineChoice.of(model, null, request)
                    .run(request, embeds, DenoiseListener.NONE)
                    .images())
            .hasSize(1);
      }
      assertThat(encoded).hasValue(2);
    }
  }

  private static Picture grey(int shade) {
    byte[] levels = new byte[64 * 64];
    Arrays.fill(levels, (byte) (40 * shade));
    return Picture.of(Picture.Mode.GREY, 64, 64, levels);
  }
}
