package dev.fluxgate.gateway.generate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Checks one request against the model that will draw it and the encoder that will read it, and
 * fills in the defaults. All that is wrong is told at once, each with its value and what can be.
 */
public final class GenerationLimits {
  /** Longest prompt in UTF-8 bytes, whatever the encoder takes. */
  public static final int MAX_PROMPT_BYTES = 1 << 20;

  /** Most pictures of one job. */
  public static final int MAX_IMAGES = 64;

  private static final int MAX_STEPS = 1000;

  private final DrawingModel model;
  private final EncoderDescription encoder;
  private final List<Violation> violations = new ArrayList<>();

  private GenerationLimits(DrawingModel model, EncoderDescription encoder) {
    this.model = model;
    this.encoder = encoder;
  }

  /**
   * The request with every default filled in.
   *
   * @throws InvalidFieldException if anything in it cannot be done
   */
  public static GenerationParameters resolve(
      GenerationRequest request, DrawingModel model, EncoderDescription encoder) {
    return new GenerationLimits(model, encoder).resolve(request);
  }

  private GenerationParameters resolve(GenerationRequest request) {
    checkPrompt(request.prompt());
    DrawingModel.Defaults defaults = model.defaults();
    boolean round = request.roundSize();
    int width = size("width", orElse(request.width(), defaults.width()), round);
    int height = size("height", orElse(request.height(), defaults.height()), round);
    checkPixels(width, height);
    int steps = orElse(request.numInferenceSteps(), defaults.numInferenceSteps());
    within("num_inference_steps", steps, 1, MAX_STEPS);
    int images = orElse(request.numImages(), 1);
    within("num_images", images, 1, MAX_IMAGES);
    float guidance = orElse(request.guidanceScale(), defaults.guidanceScale());
    require(
        guidance >= 0 && Float.isFinite(guidance),
        "guidance_scale",
        String.valueOf(guidance),
        "a finite number of at least 0");
    int length = orElse(request.maxSequenceLength(), encoder.defaultMaxSequenceLength());
    within("max_sequence_length", length, 1, encoder.maxSequenceLengthLimit());
    within("preview_interval", request.previewInterval(), 0, MAX_STEPS);
    List<Integer> layers = layers(request.textEncoderOutLayers());
    if (!violations.isEmpty()) {
      throw new InvalidFieldException(violations);
    }
    return new GenerationParameters(
        request.prompt(),
        width,
        height,
        steps,
        guidance,
        // 32 bits, so that every language and JSON reader keeps the number whole.
        orElse(request.seed(), ThreadLocalRandom.current().nextLong(1L << 32)),
        images,
        length,
        layers,
        round,
        request.omitMetadata(),
        model.name(),
        request.previewInterval());
  }

  private void checkPrompt(String prompt) {
    int bytes = prompt.getBytes(UTF_8).length;
    int limit = Math.min(MAX_PROMPT_BYTES, encoder.maxPromptBytes());
    require(
        bytes <= limit,
        "prompt",
        bytes + " bytes of UTF-8",
        "at most " + limit + " bytes of UTF-8");
  }

  private int size(String field, int value, boolean round) {
    int multiple = model.sizeMultiple();
    int floor = Math.floorDiv(value, multiple) * multiple;
    if (value < multiple) {
      violate(field, value, "at least " + multiple);
    } else if (value != floor && !round) {
      violate(
          field,
          value,
          "a multiple of " + multiple + "; nearest: " + floor + " or " + (floor + (long) multiple));
    }
    return round ? floor : value;
  }

  private void checkPixels(int width, int height) {
    long pixels = (long) width * height;
    require(
        width <= 0 || height <= 0 || pixels <= model.maxPixels(),
        "width",
        width + " x " + height + " = " + pixels + " pixels",
        "at most " + model.maxPixels() + " pixels");
  }

  private List<Integer> layers(List<Integer> asked) {
    List<Integer> layers = asked.isEmpty() ? encoder.defaultOutputLayers() : asked;
    for (int i = 0; i < layers.size(); i++) {
      int least = i == 0 ? 0 : layers.get(i - 1) + 1;
      if (layers.get(i) < least || layers.get(i) > encoder.depth()) {
        violate("text_encoder_out_layers", layers, "ascending layers within 0.." + encoder.depth());
        return layers;
      }
    }
    long width = (long) layers.size() * encoder.hiddenSize();
    require(
        width == model.textWidth(),
        "text_encoder_out_layers",
        layers + " of " + encoder.hiddenSize() + " channels each, " + width + " together",
        model.textWidth() + " channels, which is what " + model.family() + " takes");
    return layers;
  }

  private void within(String field, int value, int least, int most) {
    require(value >= least && value <= most, field, String.valueOf(value), least + ".." + most);
  }

  private void require(boolean holds, String field, String value, String expected) {
    if (!holds) {
      violate(field, value, expected);
    }
  }

  private void violate(String field, Object value, String expected) {
    violations.add(
        new Violation(
            "parameters." + field, field + ": " + value + " (expected: " + expected + ")"));
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }
}
