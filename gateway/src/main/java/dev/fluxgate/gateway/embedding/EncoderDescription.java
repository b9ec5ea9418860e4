package dev.fluxgate.gateway.embedding;

import java.util.List;

/**
 * What an encoder is: everything of it that changes an embedding, and its limits.
 *
 * @param family of the model
 * @param textEncoder architecture
 * @param identity of weights, tokenizer and framing
 * @param defaultMaxSequenceLength where a request names none
 * @param maxSequenceLengthLimit largest accepted
 * @param defaultOutputLayers where a request names none
 * @param depth number of layers
 * @param hiddenSize width of one hidden state
 * @param maxPromptBytes largest prompt accepted, in UTF-8 bytes
 * @param upsampling whether its language model rewrites prompts
 */
public record EncoderDescription(
    String family,
    String textEncoder,
    Identity identity,
    int defaultMaxSequenceLength,
    int maxSequenceLengthLimit,
    List<Integer> defaultOutputLayers,
    int depth,
    int hiddenSize,
    int maxPromptBytes,
    boolean upsampling) {

  /**
   * Encoders of one identity make the same embedding of the same prompt.
   *
   * @param modelHash over configuration and weights
   * @param tokenizerHash over the tokenizer's files and the chat template
   * @param templateVersion of the way prompts are framed
   * @param dtype in which it computes and answers
   * @param quantization of the weights
   */
  public record Identity(
      String modelHash,
      String tokenizerHash,
      String templateVersion,
      String dtype,
      String quantization) {}

  /** Copies the list. */
  public EncoderDescription {
    defaultOutputLayers = List.copyOf(defaultOutputLayers);
  }
}
