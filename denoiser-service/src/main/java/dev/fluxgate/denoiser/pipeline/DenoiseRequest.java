package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a user asks of a pipeline, but for the prompt.
 *
 * @param width in pixels
 * @param height in pixels
 * @param roundSize whether a size that the model cannot make is floored to one that it can; else it
 *     is refused
 * @param numInferenceSteps steps; also decides the shift of the schedule
 * @param guidanceScale how closely to follow the prompt; without effect on a distilled model
 * @param seed of torch's CPU generator, as two's complement
 * @param numImages pictures for every prompt, drawn from one generator
 * @param sigmas noise levels in place of evenly spaced ones; none for those
 * @param latents (pictures, C, rows, columns) in place of noise, if given
 * @param previews whether the listener may look at the pictures between the steps
 */
public record DenoiseRequest(
    int width,
    int height,
    boolean roundSize,
    int numInferenceSteps,
    double guidanceScale,
    long seed,
    int numImages,
    List<Float> sigmas,
    @Nullable HostTensor latents,
    boolean previews) {

  /** Checks the numbers that need no model. */
  public DenoiseRequest {
    sigmas = List.copyOf(sigmas);
    atLeastOne("width", width);
    atLeastOne("height", height);
    atLeastOne("num_inference_steps", numInferenceSteps);
    atLeastOne("num_images", numImages);
    if (!(guidanceScale >= 0 && guidanceScale <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "guidance_scale: " + guidanceScale + " (expected: a number of at least 0)");
    }
  }

  /** One picture of exactly this size, from noise, on the usual schedule. */
  public static DenoiseRequest of(
      int width, int height, int numInferenceSteps, double guidanceScale, long seed) {
    return new DenoiseRequest(
        width, height, false, numInferenceSteps, guidanceScale, seed, 1, List.of(), null, false);
  }

  /** The same, of a size that may be floored. */
  public DenoiseRequest withRoundSize(boolean roundSize) {
    return new DenoiseRequest(
        width,
        height,
        roundSize,
        numInferenceSteps,
        guidanceScale,
        seed,
        numImages,
        sigmas,
        latents,
        previews);
  }

  /** The same with {@code numImages} pictures for every prompt. */
  public DenoiseRequest withNumImages(int numImages) {
    return new DenoiseRequest(
        width,
        height,
        roundSize,
        numInferenceSteps,
        guidanceScale,
        seed,
        numImages,
        sigmas,
        latents,
        previews);
  }

  /** The same over given noise levels. */
  public DenoiseRequest withSigmas(List<Float> sigmas) {
    return new DenoiseRequest(
        width,
        height,
        roundSize,
        numInferenceSteps,
        guidanceScale,
        seed,
        numImages,
        sigmas,
        latents,
        previews);
  }

  /** The same from given latents. */
  public DenoiseRequest withLatents(HostTensor latents) {
    return new DenoiseRequest(
        width,
        height,
        roundSize,
        numInferenceSteps,
        guidanceScale,
        seed,
        numImages,
        sigmas,
        latents,
        previews);
  }

  /** The same, looked at between the steps or not. */
  public DenoiseRequest withPreviews(boolean previews) {
    return new DenoiseRequest(
        width,
        height,
        roundSize,
        numInferenceSteps,
        guidanceScale,
        seed,
        numImages,
        sigmas,
        latents,
        previews);
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
    }
  }
}
