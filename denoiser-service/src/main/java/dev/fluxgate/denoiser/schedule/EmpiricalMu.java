package dev.fluxgate.denoiser.schedule;

/**
 * Shift of FLUX.2 schedules, a fit by the authors of the model: larger pictures and fewer steps get
 * more noise (models spec §3.2).
 */
public final class EmpiricalMu {
  private static final int STEPS_DO_NOT_MATTER_ABOVE = 4300;
  private static final double SLOPE_AT_10_STEPS = 8.73809524e-05;
  private static final double INTERCEPT_AT_10_STEPS = 1.89833333;
  private static final double SLOPE_AT_200_STEPS = 0.00016927;
  private static final double INTERCEPT_AT_200_STEPS = 0.45666666;

  private EmpiricalMu() {}

  /**
   * Between the lines of 10 and 200 steps. mu drops by about 0.9 from 4300 to 4301 tokens, as the
   * reference's does.
   *
   * @param imageTokens of the generated picture, references not counted
   * @param numInferenceSteps as requested, whatever the schedule is later cut to
   */
  public static double of(int imageTokens, int numInferenceSteps) {
    double at200 = SLOPE_AT_200_STEPS * imageTokens + INTERCEPT_AT_200_STEPS;
    if (imageTokens > STEPS_DO_NOT_MATTER_ABOVE) {
      return at200;
    }
    double at10 = SLOPE_AT_10_STEPS * imageTokens + INTERCEPT_AT_10_STEPS;
    double slope = (at200 - at10) / 190.0;
    return slope * numInferenceSteps + (at200 - 200.0 * slope);
  }
}
