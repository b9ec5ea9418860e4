package dev.fluxgate.gateway.embedding;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;

/**
 * Prompt embeds as they came from the encoder; the gateway never looks inside.
 *
 * @param tensor header and bytes that travel
 * @param tokenCount tokens of the framed prompt
 * @param truncated whether the prompt lost its end
 */
public record EncodedPrompt(PackedTensor tensor, int tokenCount, boolean truncated) {

  /** Its name by content. */
  public ByteString sha256() {
    return tensor.header().getSha256();
  }
}
