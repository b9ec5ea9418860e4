package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.engine.checkpoint.ModelFamily;

/** What guides a model that has no guidance embedder (models spec §3.6, §6.2). */
final class Flux2Guidance {
  private Flux2Guidance() {}

  /**
   * The weight between a negative and a positive pass: klein-base takes the guidance scale for it,
   * as the reference does; a distilled model only what is asked for by name.
   *
   * @return above 1 if there are two passes
   * @throws IllegalArgumentException if klein-base is given both
   */
  static double trueScale(ModelFamily family, Guidance guidance) {
    if (family != ModelFamily.FLUX2_KLEIN_BASE) {
      return guidance.trueCfgScale();
    }
    if (guidance.trueCfgScale() > 1) {
      throw new IllegalArgumentException(
          "true_cfg_scale: %s (expected: none for %s, whose guidance_scale is the true guidance)"
              .formatted(guidance.trueCfgScale(), family.id()));
    }
    return guidance.guidanceScale();
  }
}
