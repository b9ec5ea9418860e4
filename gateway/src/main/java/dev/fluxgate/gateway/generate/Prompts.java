package dev.fluxgate.gateway.generate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks what is to be encoded: prompts, their lengths, and whether anything guides by them. */
final class Prompts {
  private static final float HOTTEST = 2;

  private final DrawingModel model;
  private final @Nullable EncoderDescription encoder;
  private final Violations violations;

  /** Where {@code encoder} is null, nothing is encoded. */
  Prompts(DrawingModel model, @Nullable EncoderDescription encoder, Violations violations) {
    this.model = model;
    this.encoder = encoder;
    this.violations = violations;
  }

  /** Whether the embeds of a negative prompt are needed, the empty one included. */
  static boolean needNegative(DrawingModel model, float guidanceScale, Wish wish) {
    Guidance guidance = wish.guidance();
    boolean isNamed = guidance.negativePrompt() != null || wish.embeds().negative() != null;
    return model.classifierFreeGuidance()
        ? guidanceScale > 1
        : isNamed && guidance.trueCfgScale() != null && guidance.trueCfgScale() > 1;
  }

  void check(String field, @Nullable String prompt) {
    if (prompt == null) {
      return;
    }
    int bytes = prompt.getBytes(UTF_8).length;
    int limit =
        encoder == null
            ? GenerationLimits.MAX_PROMPT_BYTES
            : Math.min(GenerationLimits.MAX_PROMPT_BYTES, encoder.maxPromptBytes());
    violations.require(
        bytes <= limit, field, bytes + " bytes of UTF-8", "at most " + limit + " bytes of UTF-8");
  }

  /** Token positions of the prompt embeds. */
  int length(@Nullable Integer asked) {
    int modelLimit = model.abilities().maxSequenceLength();
    int most = modelLimit == 0 ? Integer.MAX_VALUE : modelLimit;
    int standard = most;
    if (encoder != null) {
      most = Math.min(most, encoder.maxSequenceLengthLimit());
      standard = Math.min(most, encoder.defaultMaxSequenceLength());
    }
    int length = asked == null ? standard : asked;
    violations.within("max_sequence_length", length, 1, most);
    return length;
  }

  List<Integer> layers(List<Integer> asked) {
    if (encoder == null) {
      return asked;
    }
    List<Integer> layers = asked.isEmpty() ? encoder.defaultOutputLayers() : asked;
    for (int i = 0; i < layers.size(); i++) {
      int least = i == 0 ? 0 : layers.get(i - 1) + 1;
      if (layers.get(i) < least || layers.get(i) > encoder.depth()) {
        violations.add(
            "text_encoder_out_layers", layers, "ascending layers within 0.." + encoder.depth());
        return layers;
      }
    }
    long width = (long) layers.size() * encoder.hiddenSize();
    violations.require(
        width == model.textWidth(),
        "text_encoder_out_layers",
        layers + " of " + encoder.hiddenSize() + " channels each, " + width + " together",
        model.textWidth() + " channels, which is what " + model.family() + " takes");
    return layers;
  }

  /** Checks what goes with the prompt. */
  void check(String prompt, Wish wish, float guidanceScale) {
    Guidance guidance = wish.guidance();
    check("negative_prompt", guidance.negativePrompt());
    check("prompt_2", guidance.prompt2());
    check("negative_prompt_2", guidance.negativePrompt2());
    checkSecond("prompt_2", guidance.prompt2());
    checkSecond("negative_prompt_2", guidance.negativePrompt2());
    violations.require(
        guidance.negativePrompt2() == null || guidance.negativePrompt() != null,
        "negative_prompt_2",
        "without a negative_prompt",
        "both, or none");
    checkGuidance(wish, guidanceScale);
    Upsampling upsampling = wish.upsampling();
    if (upsampling != null) {
      violations.require(
          upsampling.temperature() >= 0 && upsampling.temperature() <= HOTTEST,
          "upsampling.temperature",
          upsampling.temperature(),
          "0.." + HOTTEST);
      violations.require(
          !prompt.isBlank(), "upsampling", "of an empty prompt", "a prompt to rewrite");
    }
  }

  private void checkSecond(String field, @Nullable String prompt) {
    violations.require(
        prompt == null || model.abilities().pooledWidth() > 0,
        field,
        "given",
        "none: " + model.family() + " has one text encoder");
  }

  private void checkGuidance(Wish wish, float guidanceScale) {
    Float scale = wish.guidance().trueCfgScale();
    if (scale != null) {
      violations.require(
          scale >= 0 && Float.isFinite(scale),
          "true_cfg_scale",
          scale,
          "a finite number of at least 0");
      violations.require(
          !model.classifierFreeGuidance(),
          "true_cfg_scale",
          scale,
          "none: guidance_scale is what guides " + model.family());
    }
    boolean isNamed = wish.guidance().negativePrompt() != null || wish.embeds().negative() != null;
    if (isNamed && !needNegative(model, guidanceScale, wish)) {
      violations.add(
          wish.embeds().negative() == null ? "negative_prompt" : "negative_prompt_embeds",
          "without guidance by it",
          model.classifierFreeGuidance()
              ? "guidance_scale above 1, not " + guidanceScale
              : "true_cfg_scale above 1, not " + (scale == null ? "none" : scale));
    }
  }
}
