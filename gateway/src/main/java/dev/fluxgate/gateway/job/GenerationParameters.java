package dev.fluxgate.gateway.job;

import dev.fluxgate.gateway.wish.Wish;
import java.util.List;

/**
 * What to draw, checked and with every default filled in.
 *
 * @param prompt exactly as typed
 * @param width pixels; 0: as the pictures it is made from
 * @param height pixels; 0: as the pictures it is made from
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
 * @param wish all else that was asked for
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
    int previewInterval,
    Wish wish) {

  /** Copies the list. */
  public GenerationParameters {
    textEncoderOutLayers = List.copyOf(textEncoderOutLayers);
  }

  /** A side that is not known yet is taken for this many pixels. */
  private static final int USUAL_SIDE = 1024;

  /** What the job costs: pixels times steps, over all pictures. */
  public long cost() {
    int sigmas = wish.noise().sigmas().size();
    long pixels = (long) (width == 0 ? USUAL_SIDE : width) * (height == 0 ? USUAL_SIDE : height);
    return pixels * (sigmas == 0 ? numInferenceSteps : sigmas) * numImages;
  }
}
