package dev.fluxgate.denoiser.schedule;

/** Shift of FLUX.1 schedules: linear in the size of the picture (models spec §3.2). */
public final class LinearMu {
  private LinearMu() {}

  /** The line through the two points of {@code config}. */
  public static double of(SchedulerConfig config, int imageTokens) {
    double slope =
        (config.maxShift() - config.baseShift())
            / (config.maxImageSeqLen() - config.baseImageSeqLen());
    return imageTokens * slope + (config.baseShift() - slope * config.baseImageSeqLen());
  }
}
