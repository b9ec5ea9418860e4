package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.wish.Wish;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request as it came. What is null takes the default of the model.
 *
 * @param prompt exactly as typed
 * @param width pixels
 * @param height pixels
 * @param numInferenceSteps denoising steps
 * @param guidanceScale strength of the prompt
 * @param seed of the initial noise; one is chosen where it is null
 * @param numImages pictures of this prompt
 * @param maxSequenceLength token positions of the prompt embeds
 * @param textEncoderOutLayers hidden states to stack; empty takes the encoder's default
 * @param roundSize floor a size that the model cannot make
 * @param omitMetadata leave the pictures without metadata
 * @param model name of the model that draws; null where there is only one
 * @param previewInterval steps from one preview to the next; 0: none
 * @param wish all else that is asked for
 */
public record GenerationRequest(
    String prompt,
    @Nullable Integer width,
    @Nullable Integer height,
    @Nullable Integer numInferenceSteps,
    @Nullable Float guidanceScale,
    @Nullable Long seed,
    @Nullable Integer numImages,
    @Nullable Integer maxSequenceLength,
    List<Integer> textEncoderOutLayers,
    boolean roundSize,
    boolean omitMetadata,
    @Nullable String model,
    int previewInterval,
    Wish wish) {
  /** Copies the list. */
  public GenerationRequest {
    textEncoderOutLayers = List.copyOf(textEncoderOutLayers);
  }
}
