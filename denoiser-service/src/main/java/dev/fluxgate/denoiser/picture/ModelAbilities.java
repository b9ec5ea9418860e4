package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** What a loaded model can do, told to the gateway so that it refuses what cannot be. */
final class ModelAbilities {
  private static final int SMALLEST_SAMPLE = 256;
  private static final int LARGEST_SAMPLE = 8192;

  private ModelAbilities() {}

  static DrawingModel.Abilities of(DenoiserModel model, FluxPictureMaker.Limits limits) {
    List<PipelineKind> kinds = PipelineKind.of(model.family());
    return new DrawingModel.Abilities(
        kinds.stream().map(PipelineKind::className).toList(),
        startsFromPictures(model.family()) ? 1 : InputPictures.MAX_REFERENCES,
        model.pooledWidth(),
        maxSequenceLength(model.family()),
        limits.activationBytes(),
        samples(model, limits));
  }

  private static boolean startsFromPictures(ModelFamily family) {
    return family == ModelFamily.FLUX1_DEV || family == ModelFamily.FLUX1_SCHNELL;
  }

  /** What a model was trained with (models spec, section 6.6). */
  private static int maxSequenceLength(ModelFamily family) {
    return switch (family) {
      case FLUX1_SCHNELL -> 256;
      case FLUX1_DEV -> 512;
      case FLUX2_DEV, FLUX2_KLEIN, FLUX2_KLEIN_BASE, FLUX2_KLEIN_KV -> 0;
    };
  }

  /** The least that squares need: one picture of a prompt of one token, guided by it alone. */
  private static List<DrawingModel.MemorySample> samples(
      DenoiserModel model, FluxPictureMaker.Limits limits) {
    List<DrawingModel.MemorySample> samples = new ArrayList<>();
    Pipeline pipeline =
        PipelineChoice.open(
            model, PipelineKind.of(model.family()).getFirst(), limits.activationBytes());
    PromptShapes prompt = new PromptShapes(Shape.of(1, 1, model.promptWidth()), null);
    for (int side = SMALLEST_SAMPLE;
        side <= LARGEST_SAMPLE && (long) side * side <= limits.maxPixels();
        side *= 2) {
      int fitting = side / model.tokenPixels() * model.tokenPixels();
      long bytes = pipeline.plannedBytes(DenoiseRequest.of(fitting, fitting, 1, 1, 0), prompt);
      samples.add(new DrawingModel.MemorySample(fitting, fitting, bytes));
    }
    return samples;
  }
}
