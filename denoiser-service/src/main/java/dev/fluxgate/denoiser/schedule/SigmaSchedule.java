package dev.fluxgate.denoiser.schedule;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.Arrays;

/**
 * The noise level of every step and the one it ends at. Immutable; step 0 is the first that runs,
 * also where the schedule was cut by a strength.
 */
public final class SigmaSchedule {
  private final float[] sigmas;
  private final int numTrainTimesteps;
  private final int beginIndex;

  /**
   * A schedule over given levels.
   *
   * @param sigmas of all steps, then the level after the last one; taken over, not copied
   */
  SigmaSchedule(float[] sigmas, int numTrainTimesteps, int beginIndex) {
    this.sigmas = sigmas;
    this.numTrainTimesteps = numTrainTimesteps;
    this.beginIndex = beginIndex;
  }

  /** Number of steps. */
  public int steps() {
    return sigmas.length - 1;
  }

  /** How many steps of the full schedule were left out before step 0. */
  public int beginIndex() {
    return beginIndex;
  }

  /** The noise level at which step {@code index} begins; {@code steps()} gives the final one. */
  public float sigma(int index) {
    return sigmas[index];
  }

  /** The levels of all steps and the final one. */
  public float[] sigmas() {
    return sigmas.clone();
  }

  /** The noise level of step {@code index} on the scale of training, mostly 0 … 1000. */
  public float timestep(int index) {
    return sigmas[index] * numTrainTimesteps;
  }

  /** The timesteps of all steps. */
  public float[] timesteps() {
    float[] timesteps = new float[steps()];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = timestep(i);
    }
    return timesteps;
  }

  /** What {@code Backend.eulerStep} takes for step {@code index}: the change of sigma. */
  public float dt(int index) {
    return sigmas[index + 1] - sigmas[index];
  }

  /**
   * The time that step {@code index} gives to the model: R(R(timestep) / 1000), R rounding to the
   * type of the latents. The model multiplies by 1000 and rounds again; in bfloat16 this is not the
   * timestep (models spec §3.4: 768 in place of 764), and results depend on it.
   */
  public float timeValue(int index, DType latents) {
    return latents.round(latents.round(timestep(index)) / 1000f);
  }

  /**
   * The last {@code strength} of the steps, for a start from a picture (models spec §6.4).
   *
   * @param strength 0 … 1; all steps at 1
   * @throws IllegalArgumentException if no step is left
   */
  public SigmaSchedule truncate(double strength) {
    if (!(strength >= 0 && strength <= 1)) {
      throw new IllegalArgumentException("strength: " + strength + " (expected: 0..1)");
    }
    int begin = (int) Math.max(steps() - Math.min(steps() * strength, steps()), 0);
    if (begin >= steps()) {
      throw new IllegalArgumentException(
          "strength: " + strength + " (expected: enough for one of " + steps() + " steps)");
    }
    return new SigmaSchedule(
        Arrays.copyOfRange(sigmas, begin, sigmas.length), numTrainTimesteps, beginIndex + begin);
  }

  /**
   * A picture as it looks when step {@code index} begins: R(R(s·noise) + R(R(1 − s)·sample)), with
   * s = R(sigma) and R rounding to the type of {@code sample}.
   *
   * @param sample clean latents
   * @param noise of the same type and shape
   */
  public HostTensor scaleNoise(int index, HostTensor sample, HostTensor noise) {
    DType type = sample.dtype();
    if (noise.dtype() != type || !noise.shape().equals(sample.shape())) {
      throw new IllegalArgumentException(
          "noise: "
              + noise.dtype()
              + " "
              + noise.shape()
              + " (expected: "
              + type
              + " "
              + sample.shape()
              + ")");
    }
    float sigma = type.round(sigma(index));
    float rest = type.round(1 - sigma);
    HostTensor noisy = HostTensor.zeros(type, sample.shape());
    for (long i = 0; i < sample.shape().count(); i++) {
      noisy.set(i, type.round(sigma * noise.get(i)) + type.round(rest * sample.get(i)));
    }
    return noisy;
  }
}
