package dev.fluxgate.denoiser.testing;

import static dev.fluxgate.denoiser.testing.RequestChanges.withPictures;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** A small job for every pipeline, with all that it takes. */
public final class TinyJobs {
  private TinyJobs() {}

  /** A model that can run {@code kind}, in float32. */
  public static DenoiserModel model(PipelineKind kind, Backend backend) throws IOException {
    ModelFamily family =
        switch (kind) {
          case FLUX2 -> ModelFamily.FLUX2_DEV;
          case FLUX2_KLEIN, FLUX2_KLEIN_KV, FLUX2_KLEIN_INPAINT -> ModelFamily.FLUX2_KLEIN;
          case FLUX, FLUX_IMG2IMG, FLUX_INPAINT -> ModelFamily.FLUX1_DEV;
        };
    return load(family, backend);
  }

  /** A model of {@code family}, in float32. */
  public static DenoiserModel load(ModelFamily family, Backend backend) throws IOException {
    return DenoiserModel.load(TinyModels.of(family), backend, DType.F32, StageProbe.NONE);
  }

  /** Three steps for one picture of this size, from all pictures that {@code kind} takes. */
  public static DenoiseRequest request(PipelineKind kind, int width, int height) {
    DenoiseRequest request = DenoiseRequest.of(width, height, 3, 1, 7);
    InputPictures pictures =
        switch (kind) {
          case FLUX2, FLUX2_KLEIN, FLUX2_KLEIN_KV ->
              InputPictures.references(List.of(noise(1, 80, 64), noise(2, 64, 96)));
          case FLUX2_KLEIN_INPAINT ->
              new InputPictures(
                  List.of(), noise(1, width, height), mask(width, height), noise(2, 70, 64), null);
          case FLUX -> InputPictures.NONE;
          case FLUX_IMG2IMG -> new InputPictures(List.of(), noise(1, 50, 40), null, null, null);
          case FLUX_INPAINT ->
              new InputPictures(List.of(), noise(1, 50, 40), mask(50, 40), null, null);
        };
    return withPictures(request, pictures);
  }

  /** A picture of random pixels. */
  public static Picture noise(long seed, int width, int height) {
    byte[] rgb = new byte[RgbImage.CHANNELS * width * height];
    new Random(seed).nextBytes(rgb);
    return Picture.of(new RgbImage(width, height, rgb));
  }

  /** Black, but for a white square of twelve pixels a side. */
  public static Picture mask(int width, int height) {
    byte[] levels = new byte[width * height];
    for (int i = 0; i < 12 * 12; i++) {
      levels[(6 + i / 12) * width + 7 + i % 12] = (byte) 255;
    }
    return Picture.of(Picture.Mode.GREY, width, height, levels);
  }

  /** Of one prompt of five tokens. */
  public static PromptEmbeds embeds(DenoiserModel model) {
    return new PromptEmbeds(text(model, 1, 5), null);
  }

  /** The same, and of a negative prompt of seven tokens. */
  public static PromptEmbeds bothEmbeds(DenoiserModel model) {
    return new PromptEmbeds(text(model, 1, 5), text(model, 2, 7));
  }

  private static TextEmbeds text(DenoiserModel model, long seed, int tokens) {
    TorchGenerator generator = new TorchGenerator(seed);
    HostTensor sequence = generator.randn(Shape.of(1, tokens, model.promptWidth()), DType.F32);
    return model.pooledWidth() == 0
        ? TextEmbeds.of(sequence)
        : new TextEmbeds(sequence, generator.randn(Shape.of(1, model.pooledWidth()), DType.F32));
  }
}
