package dev.fluxgate.gateway.embedding;

import dev.fluxgate.proto.tensor.PackedTensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompt embeds as they came from the encoder; the gateway never looks inside.
 *
 * @param tensor the prompt embeds: header and bytes that travel
 * @param pooled the pooled embedding; null where none was asked for
 * @param tokenCount tokens of the framed prompt
 * @param truncated whether the prompt lost its end
 */
public record EncodedPrompt(
    PackedTensor tensor, @Nullable PackedTensor pooled, int tokenCount, boolean truncated) {

  /** All tensors of it. */
  List<PackedTensor> tensors() {
    List<PackedTensor> tensors = new ArrayList<>();
    tensors.add(tensor);
    if (pooled != null) {
      tensors.add(pooled);
    }
    return tensors;
  }

  /** Bytes of all tensors. */
  int bytes() {
    return tensors().stream().mapToInt(part -> part.data().size()).sum();
  }
}
