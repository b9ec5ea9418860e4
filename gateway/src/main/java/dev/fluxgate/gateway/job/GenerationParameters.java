package dev.fluxgate.gateway.job;

import java.util.List;

/**
 * What to draw, checked and with every default filled in.
 *
 * @param prompt exactly as typed
 * @param width pixels
 * @param height pixels
 * @param numInferenceSteps denoising steps of each picture
 * @param guidanceScale strength of the prompt
 * @param seed of the initial noise
 * @param numImages pictures of this prompt
 * @param maxSequenceLength token positions of the prompt embeds
 * @param textEncoderOutLayers hidden states that are stacked
 * @param roundSize whether the size was floored to one that the model can make
 * @param omitMetadata whether the pictures tell nothing of this
 * @param model under which name the model was asked for
 * @param previewInterval steps from one preview to the next; 0: none
 */
public record GenerationParameters(
    String prompt,
    int width,
    int height,
    int numInferenceSteps,
    float guidanceScale,
    long seed,
    int numImages,
    int maxSequenceLength,
    List<Integer> textEncoderOutLayers,
    boolean roundSize,
    boolean omitMetadata,
    String model,
    int previewInterval) {

  /** Copies the list. */
  public GenerationParameters {
    textEncoderOutLayers = List.copyOf(textEncoderOutLayers);
  }

  /** What the job costs: pixels times steps, over all pictures. */
  public long cost() {
    return (long) width * height * numInferenceSteps * numImages;
  }
}
