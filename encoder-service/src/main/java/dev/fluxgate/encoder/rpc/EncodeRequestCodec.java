package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.EncodeRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * EncodeRequest → tokens and layers, defaults filled in, every field at fault named at once.
 *
 * @param model whose defaults and depth count
 * @param maxSequenceLength largest length accepted
 */
record EncodeRequestCodec(EncoderModel model, int maxSequenceLength) {

  /**
   * A request that can be served.
   *
   * @param tokens of the framed prompt
   * @param layers to be stacked
   */
  record Encoding(TokenIds tokens, OutputLayers layers) {}

  /**
   * Checks a request and tokenises its prompt.
   *
   * @throws InvalidFieldException with one violation for each field at fault
   */
  Encoding decode(EncodeRequest request) {
    List<InvalidFieldException.Violation> violations = new ArrayList<>();
    Prompt prompt = check("prompt", violations, () -> new Prompt(request.getPrompt()));
    Integer length = check("max_sequence_length", violations, () -> length(request));
    OutputLayers layers = check("output_layers", violations, () -> layers(request));
    check("tensors", violations, () -> tensors(request));
    if (prompt == null || length == null || layers == null || !violations.isEmpty()) {
      throw new InvalidFieldException(violations);
    }
    return new Encoding(model.pipeline().tokenize(prompt, length), layers);
  }

  private static <T> @Nullable T check(
      String field, List<InvalidFieldException.Violation> violations, Supplier<T> value) {
    try {
      return value.get();
    } catch (IllegalArgumentException e) {
      violations.add(new InvalidFieldException.Violation(field, String.valueOf(e.getMessage())));
      return null;
    }
  }

  private Integer length(EncodeRequest request) {
    int length = request.getMaxSequenceLength();
    if (length < 0 || length > maxSequenceLength) {
      throw new IllegalArgumentException(
          "max_sequence_length: "
              + length
              + " (expected: 1.."
              + maxSequenceLength
              + ", or 0 for "
              + model.defaultMaxSequenceLength()
              + ")");
    }
    return length == 0 ? model.defaultMaxSequenceLength() : length;
  }

  private OutputLayers layers(EncodeRequest request) {
    return request.getOutputLayersCount() == 0
        ? model.defaultOutputLayers()
        : new OutputLayers(request.getOutputLayersList()).within(model.params().layers());
  }

  private static List<String> tensors(EncodeRequest request) {
    List<String> names = request.getTensorsList();
    if (!names.isEmpty() && !names.equals(List.of(PromptEmbedsCodec.PROMPT_EMBEDS))) {
      throw new IllegalArgumentException(
          "tensors: " + names + " (expected: " + PromptEmbedsCodec.PROMPT_EMBEDS + ")");
    }
    return names;
  }
}
