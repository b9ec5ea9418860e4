package dev.fluxgate.gateway.embedding;

/** Turns prompts into embeddings; a process of its own stands behind it. */
public interface PromptEncoder {

  /**
   * What the encoder is; may be some seconds old.
   *
   * @throws EncoderUnavailableException if it never answered
   */
  EncoderDescription description();

  /**
   * Encodes one prompt; blocks.
   *
   * @param expected the encoder that is asked
   * @throws EncoderChangedException if another answered
   * @throws EncoderUnavailableException if none answered, after all attempts
   * @throws EncodingFailedException if it refused the prompt
   */
  EncodedPrompt encode(PromptSpec spec, EncoderDescription expected);
}
