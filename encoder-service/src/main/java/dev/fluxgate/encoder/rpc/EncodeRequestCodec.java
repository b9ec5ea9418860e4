package dev.fluxgate.encoder.rpc;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.EncodeRequest;
import java.util.ArrayList;
import java.util.HashSet;
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
   * @param tokens of the prompts
   * @param layers to be stacked
   * @param tensors names of those to be answered, in that order
   */
  record Encoding(PromptTokens tokens, OutputLayers layers, List<String> tensors) {}

  /** Takes no more than the model can. */
  EncodeRequestCodec {
    maxSequenceLength = Math.min(maxSequenceLength, model.sizes().maxSequenceLengthLimit());
  }

  /** Positions where a request names none. */
  int defaultLength() {
    return Math.min(model.defaultMaxSequenceLength(), maxSequenceLength);
  }

  /**
   * Checks a request and tokenises its prompts.
   *
   * @throws InvalidFieldException with one violation for each field at fault
   */
  Encoding decode(EncodeRequest request) {
    List<InvalidFieldException.Violation> violations = new ArrayList<>();
    Prompt prompt = check("prompt", violations, () -> new Prompt(request.getPrompt()));
    Prompt second = check("prompt_2", violations, () -> second(request));
    Integer length = check("max_sequence_length", violations, () -> length(request));
    OutputLayers layers =
        check("output_layers", violations, () -> model.outputLayers(request.getOutputLayersList()));
    List<String> tensors = check("tensors", violations, () -> tensors(request));
    if (prompt == null || second == null || length == null || layers == null || tensors == null) {
      throw new InvalidFieldException(violations);
    }
    Prompt ofSequence = second.text().isEmpty() ? prompt : second;
    // What a tokenizer adds of its own may leave no room.
    PromptTokens tokens =
        check(
            "max_sequence_length",
            violations,
            () -> model.pipeline().tokenize(prompt, ofSequence, length));
    if (tokens == null) {
      throw new InvalidFieldException(violations);
    }
    return new Encoding(tokens, layers, tensors);
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

  /** Empty where the request has none. */
  private Prompt second(EncodeRequest request) {
    if (!request.getPrompt2().isEmpty() && !model.sizes().hasPooled()) {
      throw new IllegalArgumentException(
          "prompt_2: given (expected: none; "
              + model.identity().family()
              + " has one text encoder)");
    }
    return Prompt.second(request.getPrompt2());
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
              + defaultLength()
              + ")");
    }
    return length == 0 ? defaultLength() : length;
  }

  private List<String> tensors(EncodeRequest request) {
    List<String> all =
        model.sizes().hasPooled()
            ? List.of(PromptEmbedsCodec.PROMPT_EMBEDS, PromptEmbedsCodec.POOLED_PROMPT_EMBEDS)
            : List.of(PromptEmbedsCodec.PROMPT_EMBEDS);
    List<String> names = List.copyOf(request.getTensorsList());
    if (!all.containsAll(names) || new HashSet<>(names).size() != names.size()) {
      throw new IllegalArgumentException(
          "tensors: " + names + " (expected: each once of " + String.join(", ", all) + ")");
    }
    return names.isEmpty() ? all : names;
  }
}
