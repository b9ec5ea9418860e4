package dev.fluxgate.gateway.generate;

import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.serving.InvalidFieldException;
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
  private final @Nullable EncoderDescription encoder;
  private final InputStore inputs;
  private final Violations violations = new Violations();

  private GenerationLimits(
      DrawingModel model, @Nullable EncoderDescription encoder, InputStore inputs) {
    this.model = model;
    this.encoder = encoder;
    this.inputs = inputs;
  }

  /**
   * The request with every default filled in.
   *
   * @param encoder reads the prompts; null where the request brings embeddings in their place
   * @param inputs where what it names is found
   * @throws InvalidFieldException if anything in it cannot be done
   */
  public static GenerationParameters resolve(
      GenerationRequest request,
      DrawingModel model,
      @Nullable EncoderDescription encoder,
      InputStore inputs) {
    return new GenerationLimits(model, encoder, inputs).resolve(request);
  }

  private GenerationParameters resolve(GenerationRequest request) {
    Prompts prompts = new Prompts(model, encoder, violations);
    prompts.check("prompt", request.prompt());
    DrawingModel.Defaults defaults = model.defaults();
    boolean round = request.roundSize();
    // Made from pictures, a picture takes their size unless another is asked for.
    boolean isNatural = !request.wish().sources().images().isEmpty();
    int width = size("width", request.width(), isNatural ? 0 : defaults.width(), round);
    int height = size("height", request.height(), isNatural ? 0 : defaults.height(), round);
    checkPixels(width, height);
    int steps = orElse(request.numInferenceSteps(), defaults.numInferenceSteps());
    violations.within("num_inference_steps", steps, 1, MAX_STEPS);
    int images = orElse(request.numImages(), 1);
    violations.within("num_images", images, 1, MAX_IMAGES);
    float guidance = orElse(request.guidanceScale(), defaults.guidanceScale());
    violations.require(
        guidance >= 0 && Float.isFinite(guidance),
        "guidance_scale",
        String.valueOf(guidance),
        "a finite number of at least 0");
    int length = prompts.length(request.maxSequenceLength());
    violations.within("preview_interval", request.previewInterval(), 0, MAX_STEPS);
    List<Integer> layers = prompts.layers(request.textEncoderOutLayers());
    prompts.check(request.prompt(), request.wish(), guidance);
    new WishLimits(model, inputs, violations).check(request.wish(), images);
    new EmbedLimits(model, inputs, violations).check(request);
    violations.refuseAny();
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
        request.previewInterval(),
        request.wish());
  }

  private int size(String field, @Nullable Integer asked, int standard, boolean round) {
    if (asked == null && standard == 0) {
      return 0;
    }
    int value = orElse(asked, standard);
    int multiple = model.sizeMultiple();
    int floor = Math.floorDiv(value, multiple) * multiple;
    if (value < multiple) {
      violations.add(field, value, "at least " + multiple);
    } else if (value != floor && !round) {
      violations.add(
          field,
          value,
          "a multiple of " + multiple + "; nearest: " + floor + " or " + (floor + (long) multiple));
    }
    return round ? floor : value;
  }

  private void checkPixels(int width, int height) {
    long pixels = (long) width * height;
    violations.require(
        width <= 0 || height <= 0 || pixels <= model.maxPixels(),
        "width",
        width + " x " + height + " = " + pixels + " pixels",
        "at most " + model.maxPixels() + " pixels");
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }
}
