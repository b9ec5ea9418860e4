package dev.fluxgate.denoiser.picture;

/**
 * What to draw, with every default filled in.
 *
 * @param prompt as typed; only for the metadata of the pictures
 * @param width pixels; 0: as the pictures it is made from
 * @param height pixels; 0: as the pictures it is made from
 * @param numInferenceSteps denoising steps of one picture
 * @param guidanceScale strength of the prompt
 * @param seed of the initial noise
 * @param numImages pictures, all from one generator
 * @param omitMetadata whether the pictures tell nothing of how they were made
 * @param previewInterval a preview is made after every so many steps but the last; 0: none
 * @param options what else is asked for
 */
public record Drawing(
    String prompt,
    int width,
    int height,
    int numInferenceSteps,
    float guidanceScale,
    long seed,
    int numImages,
    boolean omitMetadata,
    int previewInterval,
    DrawingOptions options) {

  /** Checks what the pipeline does not. */
  public Drawing {
    if (previewInterval < 0) {
      throw new IllegalArgumentException(
          "preview_interval: " + previewInterval + " (expected: 0 or more steps)");
    }
  }
}
