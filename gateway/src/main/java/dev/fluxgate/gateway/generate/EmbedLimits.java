package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.TensorHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks embeddings that a request brings: which go together, and what their headers say. */
final class EmbedLimits {
  /** Most token positions, whatever the model takes. */
  private static final int MAX_TOKENS = 4096;

  private final DrawingModel model;
  private final InputStore inputs;
  private final Violations violations;

  EmbedLimits(DrawingModel model, InputStore inputs, Violations violations) {
    this.model = model;
    this.inputs = inputs;
    this.violations = violations;
  }

  void check(GenerationRequest request) {
    Wish wish = request.wish();
    Embeds embeds = wish.embeds();
    if (embeds.prompt() != null) {
      violations.require(
          request.prompt().isEmpty(),
          "prompt_embeds",
          "beside a prompt",
          "one of both, the prompt empty");
      violations.require(
          wish.guidance().prompt2() == null, "prompt_embeds", "beside prompt_2", "one of both");
      violations.require(
          wish.upsampling() == null, "prompt_embeds", "beside upsampling", "a prompt to rewrite");
    }
    if (embeds.negative() != null) {
      violations.require(
          wish.guidance().negativePrompt() == null,
          "negative_prompt_embeds",
          "beside a negative_prompt",
          "one of both");
    }
    checkPair("", embeds.prompt(), embeds.pooled());
    checkPair("negative_", embeds.negative(), embeds.negativePooled());
  }

  private void checkPair(String which, @Nullable InputRef embeds, @Nullable InputRef pooled) {
    String field = which + "prompt_embeds";
    String pooledField = which + "pooled_prompt_embeds";
    int pooledWidth = model.abilities().pooledWidth();
    if (embeds != null) {
      header(field, embeds, model.textWidth(), false);
      violations.require(
          pooled != null || pooledWidth == 0,
          pooledField,
          "none",
          "one of width " + pooledWidth + " beside " + field);
    }
    if (pooled != null) {
      violations.require(embeds != null, pooledField, "without " + field, "both, or none");
      violations.require(
          pooledWidth > 0,
          pooledField,
          "given",
          "none: " + model.family() + " takes no pooled embedding");
      if (pooledWidth > 0) {
        header(pooledField, pooled, pooledWidth, true);
      }
    }
  }

  private void header(String field, InputRef ref, int width, boolean isPooled) {
    Input.Spec found = inputs.describe(ref).map(Input::spec).orElse(null);
    if (!(found instanceof Input.Tensor(TensorHeader header))) {
      violations.add(
          field, found == null ? ref : found.kind(), "a tensor that is in store; upload it again");
      return;
    }
    violations.require(
        header.getDtype() != DType.D_TYPE_U8, field, header.getDtype(), "F32, BF16 or F16");
    List<Long> shape = header.getShapeList();
    boolean isBatch = shape.size() == (isPooled ? 2 : 3) && shape.getFirst() == 1;
    List<Long> one = isBatch ? shape.subList(1, shape.size()) : shape;
    int most = model.abilities().maxSequenceLength();
    int tokens = most == 0 ? MAX_TOKENS : most;
    boolean fits =
        one.size() == (isPooled ? 1 : 2)
            && one.getLast() == width
            && (isPooled || one.getFirst() <= tokens);
    violations.require(
        fits,
        field,
        shape,
        isPooled ? "[" + width + "]" : "[1.." + tokens + " tokens, " + width + "]");
  }
}
