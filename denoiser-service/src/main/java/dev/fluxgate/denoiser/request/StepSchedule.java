package dev.fluxgate.denoiser.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How noise turns into a picture.
 *
 * @param numInferenceSteps steps; also decides the shift of the schedule
 * @param sigmas noise levels in place of evenly spaced ones; none for those
 * @param strength for a start from a picture, how much of the schedule is run, 0 … 1; null for the
 *     pipeline's default. Pipelines that start from noise alone take none
 */
public record StepSchedule(int numInferenceSteps, List<Float> sigmas, @Nullable Double strength) {

  /** Checks the numbers that need no model. */
  public StepSchedule {
    sigmas = List.copyOf(sigmas);
    if (numInferenceSteps < 1) {
      throw new IllegalArgumentException(
          "num_inference_steps: " + numInferenceSteps + " (expected: at least 1)");
    }
    if (strength != null && !(strength > 0 && strength <= 1)) {
      throw new IllegalArgumentException(
          "strength: " + strength + " (expected: above 0, at most 1)");
    }
  }

  /** Evenly spaced noise levels from 1. */
  public static StepSchedule of(int numInferenceSteps) {
    return new StepSchedule(numInferenceSteps, List.of(), null);
  }

  /** The same over given noise levels. */
  public StepSchedule withSigmas(List<Float> sigmas) {
    return new StepSchedule(numInferenceSteps, sigmas, strength);
  }

  /** The same for a start from a picture. */
  public StepSchedule withStrength(double strength) {
    return new StepSchedule(numInferenceSteps, sigmas, strength);
  }
}
