package dev.fluxgate.denoiser.schedule;

import java.util.Arrays;

/**
 * Euler's method for flow matching: how the noise falls from step to step (models spec §3.3). All
 * in float32 but mu, as the reference computes it.
 *
 * @param config of the model
 */
public record FlowMatchEulerScheduler(SchedulerConfig config) {
  private static final double KARRAS_RHO = 7;

  /**
   * The schedule of {@code numInferenceSteps} steps: evenly from 1 to 1/n, then shifted.
   *
   * @param mu of {@link EmpiricalMu} or {@link LinearMu}; without effect where the shift is static
   */
  public SigmaSchedule schedule(int numInferenceSteps, double mu) {
    if (numInferenceSteps < 1) {
      throw new IllegalArgumentException(
          "num_inference_steps: " + numInferenceSteps + " (expected: at least 1)");
    }
    return schedule(toFloats(evenly(1, 1.0 / numInferenceSteps, numInferenceSteps)), mu);
  }

  /**
   * The schedule of given noise levels, one a step, which are shifted as well.
   *
   * @param sigmas each above 0 and at most 1, descending
   */
  public SigmaSchedule schedule(float[] sigmas, double mu) {
    if (sigmas.length == 0) {
      throw new IllegalArgumentException("sigmas: none (expected: at least 1)");
    }
    for (float sigma : sigmas) {
      if (!(sigma > 0 && sigma <= 1)) {
        throw new IllegalArgumentException("sigmas: " + sigma + " (expected: above 0, at most 1)");
      }
    }
    float[] shifted = sigmas.clone();
    for (int i = 0; i < shifted.length; i++) {
      shifted[i] = shift(shifted[i], mu);
    }
    if (config.shiftTerminal() > 0) {
      stretch(shifted);
    }
    float[] spaced = spaced(shifted);
    if (config.invertSigmas()) {
      for (int i = 0; i < spaced.length; i++) {
        spaced[i] = 1 - spaced[i];
      }
    }
    float[] withEnd = Arrays.copyOf(spaced, spaced.length + 1);
    withEnd[spaced.length] = config.invertSigmas() ? 1 : 0;
    return new SigmaSchedule(withEnd, config.numTrainTimesteps(), 0);
  }

  private float shift(float sigma, double mu) {
    if (!config.useDynamicShifting()) {
      float shift = (float) config.shift();
      return shift * sigma / (1 + (float) (config.shift() - 1) * sigma);
    }
    float weight =
        switch (config.timeShift()) {
          case EXPONENTIAL -> (float) Math.exp(mu);
          case LINEAR -> (float) mu;
        };
    return weight / (weight + (1 / sigma - 1));
  }

  /** Stretches the distances from 1 so that the last sigma becomes the terminal one. */
  private void stretch(float[] sigmas) {
    float scale = (1 - sigmas[sigmas.length - 1]) / (float) (1 - config.shiftTerminal());
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = 1 - (1 - sigmas[i]) / scale;
    }
  }

  private float[] spaced(float[] sigmas) {
    double first = sigmas[0];
    double last = sigmas[sigmas.length - 1];
    int count = sigmas.length;
    return switch (config.spacing()) {
      case SHIFTED -> sigmas;
      case KARRAS -> {
        double[] roots = evenly(0, 1, count);
        double from = Math.pow(first, 1 / KARRAS_RHO);
        double to = Math.pow(last, 1 / KARRAS_RHO);
        yield toFloats(
            Arrays.stream(roots)
                .map(ramp -> Math.pow(from + ramp * (to - from), KARRAS_RHO))
                .toArray());
      }
      case EXPONENTIAL -> {
        double[] logarithms = evenly(Math.log(first), Math.log(last), count);
        yield toFloats(Arrays.stream(logarithms).map(Math::exp).toArray());
      }
    };
  }

  /** {@code count} numbers from {@code first} to {@code last}; for one number, the first. */
  private static double[] evenly(double first, double last, int count) {
    double[] values = new double[count];
    double step = count == 1 ? 0 : (last - first) / (count - 1);
    for (int i = 0; i < count; i++) {
      values[i] = i * step + first;
    }
    if (count > 1) {
      values[count - 1] = last;
    }
    return values;
  }

  private static float[] toFloats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
