package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import java.util.List;

/** What a loaded model can do, told to the gateway so that it refuses what cannot be. */
final class ModelAbilities {
  private ModelAbilities() {}

  static DrawingModel.Abilities of(DenoiserModel model, FluxPictureMaker.Limits limits) {
    List<PipelineKind> kinds = PipelineKind.of(model.family());
    return new DrawingModel.Abilities(
        kinds.stream().map(PipelineKind::className).toList(),
        startsFromPictures(model.family()) ? 1 : InputPictures.MAX_REFERENCES,
        model.pooledWidth(),
        maxSequenceLength(model.family()),
        limits.activationBytes());
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
}
