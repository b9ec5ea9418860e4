package dev.fluxgate.gateway.worker;

/**
 * What a worker draws with, as far as a request must be checked against it.
 *
 * @param name under which users ask for it
 * @param family for example "flux2-dev"
 * @param modelHash over configuration and weights; workers of one hash are interchangeable
 * @param textEncoder architecture of the text encoder whose embeds it takes
 * @param textWidth width of the prompt embeds
 * @param sizeMultiple sizes are multiples of this many pixels
 * @param maxPixels largest width times height
 * @param classifierFreeGuidance whether guidance above 1 needs the embeds of the empty prompt
 * @param defaults what a request gets that names nothing
 */
public record DrawingModel(
    String name,
    String family,
    String modelHash,
    String textEncoder,
    int textWidth,
    int sizeMultiple,
    long maxPixels,
    boolean classifierFreeGuidance,
    Defaults defaults) {

  /**
   * Defaults of a model's family.
   *
   * @param width pixels
   * @param height pixels
   * @param numInferenceSteps denoising steps
   * @param guidanceScale strength of the prompt
   */
  public record Defaults(int width, int height, int numInferenceSteps, float guidanceScale) {}
}
