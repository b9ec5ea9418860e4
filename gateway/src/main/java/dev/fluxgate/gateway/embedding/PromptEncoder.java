package dev.fluxgate.gateway.embedding;

/** Turns prompts into embeddings; a process of its own stands behind it. */
public interface PromptEncoder extends AutoCloseable {

  /** Where it is, for messages. */
  String target();

  /**
   * Asks what the encoder is; blocks for a few seconds at most.
   *
   * @throws EncoderUnavailableException if it did not answer
   */
  EncoderDescription describe();

  /**
   * Encodes one prompt; blocks.
   *
   * @param expected the encoder that is asked
   * @throws EncoderChangedException if another answered
   * @throws EncoderUnavailableException if none answered, after all attempts
   * @throws EncodingFailedException if it refused the prompt
   */
  EncodedPrompt encode(PromptSpec spec, EncoderDescription expected);

  @Override
  void close();
}
