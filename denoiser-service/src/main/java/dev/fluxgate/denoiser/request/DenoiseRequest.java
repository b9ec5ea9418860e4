package dev.fluxgate.denoiser.request;

/**
 * What a user asks of a pipeline, but for the prompt.
 *
 * @param size of the pictures
 * @param schedule steps and noise levels
 * @param guidance how closely to follow the prompt
 * @param noise what the first step starts from
 * @param pictures that go in
 * @param tiling whether the VAE works in tiles
 * @param numImages pictures for every prompt
 * @param previews whether the listener may look at the pictures between the steps
 */
public record DenoiseRequest(
    PictureSize size,
    StepSchedule schedule,
    Guidance guidance,
    NoiseSource noise,
    InputPictures pictures,
    Tiling tiling,
    int numImages,
    boolean previews) {

  /** Checks the numbers that need no model. */
  public DenoiseRequest {
    if (numImages < 1) {
      throw new IllegalArgumentException("num_images: " + numImages + " (expected: at least 1)");
    }
  }

  /** One picture of exactly this size, from noise, on the usual schedule. */
  public static DenoiseRequest of(
      int width, int height, int numInferenceSteps, double guidanceScale, long seed) {
    return new DenoiseRequest(
        PictureSize.exactly(width, height),
        StepSchedule.of(numInferenceSteps),
        Guidance.of(guidanceScale),
        NoiseSource.of(seed),
        InputPictures.NONE,
        Tiling.AUTOMATIC,
        1,
        false);
  }
}
