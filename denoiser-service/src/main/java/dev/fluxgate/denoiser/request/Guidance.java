package dev.fluxgate.denoiser.request;

/**
 * How closely to follow the prompt.
 *
 * @param guidanceScale an input of a model that embeds it (both dev); the weight between a negative
 *     and a positive pass on klein-base; without effect on a distilled model
 * @param trueCfgScale above 1: a second, negative pass steers every step of any model away from the
 *     negative prompt, by this weight. On klein-base that is what the guidance scale does
 */
public record Guidance(double guidanceScale, double trueCfgScale) {

  /** Checks that both are weights. */
  public Guidance {
    atLeastZero("guidance_scale", guidanceScale);
    atLeastZero("true_cfg_scale", trueCfgScale);
  }

  /** Without true guidance beyond what the model's own guidance is. */
  public static Guidance of(double guidanceScale) {
    return new Guidance(guidanceScale, 1);
  }

  /** The same with true guidance. */
  public Guidance withTrueCfgScale(double trueCfgScale) {
    return new Guidance(guidanceScale, trueCfgScale);
  }

  private static void atLeastZero(String name, double scale) {
    if (!(scale >= 0 && scale <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          name + ": " + scale + " (expected: a number of at least 0)");
    }
  }
}
