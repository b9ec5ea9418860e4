package dev.fluxgate.gateway.http.openai;

import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.OpenAiImageRequest;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenAI's request → ours. What would change the picture in a way that we cannot is refused; what
 * is a matter of taste is read and ignored.
 */
final class OpenAiRequests {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})x(\\d{1,6})");
  private static final int MAX_IMAGES = 10;
  private static final int LOSSLESS = 100;

  private OpenAiRequests() {}

  /**
   * What is to be drawn.
   *
   * @throws HttpFailureException if it cannot be
   */
  static GenerationParameters parameters(OpenAiImageRequest request) {
    if (!request.hasPrompt()) {
      throw HttpFailureException.invalid("prompt", "absent", "what the picture shows");
    }
    check(request);
    GenerationParameters.Builder parameters =
        GenerationParameters.newBuilder()
            .setPrompt(request.getPrompt())
            .setModel(request.getModel());
    size(request.getSize(), parameters);
    if (request.hasN()) {
      require(request.getN() >= 1 && request.getN() <= MAX_IMAGES, "n", request.getN(), "1..10");
      parameters.setNumImages(request.getN());
    }
    if (request.hasSeed()) {
      parameters.setSeed(request.getSeed());
    }
    if (request.hasSteps()) {
      parameters.setNumInferenceSteps(request.getSteps());
    }
    if (request.hasGuidance()) {
      parameters.setGuidanceScale(request.getGuidance());
    }
    parameters.setFormat(
        switch (request.getOutputFormat()) {
          case "jpeg" -> ImageFormat.IMAGE_FORMAT_JPEG;
          case "webp" -> ImageFormat.IMAGE_FORMAT_WEBP;
          default -> ImageFormat.IMAGE_FORMAT_PNG;
        });
    return parameters.build();
  }

  private static void size(String size, GenerationParameters.Builder parameters) {
    if (size.isEmpty() || size.equals("auto")) {
      return;
    }
    Matcher matcher = SIZE.matcher(size);
    require(matcher.matches(), "size", size, "WIDTHxHEIGHT, or auto");
    parameters
        .setWidth(Integer.parseInt(matcher.group(1)))
        .setHeight(Integer.parseInt(matcher.group(2)));
  }

  private static void check(OpenAiImageRequest request) {
    oneOf("response_format", request.getResponseFormat(), List.of("b64_json", "url"));
    oneOf("output_format", request.getOutputFormat(), List.of("png", "jpeg", "webp"));
    oneOf("background", request.getBackground(), List.of("auto", "opaque"));
    oneOf("moderation", request.getModeration(), List.of("auto", "low"));
    oneOf(
        "quality",
        request.getQuality(),
        List.of("auto", "standard", "hd", "low", "medium", "high"));
    oneOf("style", request.getStyle(), List.of("vivid", "natural"));
    require(
        !request.hasOutputCompression() || request.getOutputCompression() == LOSSLESS,
        "output_compression",
        request.getOutputCompression(),
        "100, the best there is");
    require(
        request.getPartialImages() == 0,
        "partial_images",
        request.getPartialImages(),
        "0; previews are on the events of a job");
    require(!request.getStream(), "stream", true, "false; see the events of a job");
  }

  private static void oneOf(String field, String value, List<String> known) {
    require(
        value.isEmpty() || known.contains(value),
        field,
        value,
        known.size() == 1 ? known.getFirst() : "one of " + String.join(", ", known));
  }

  private static void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      throw HttpFailureException.invalid(field, String.valueOf(value), expected);
    }
  }
}
