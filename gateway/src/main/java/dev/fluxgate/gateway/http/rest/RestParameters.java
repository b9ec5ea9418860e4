package dev.fluxgate.gateway.http.rest;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.RandDevice;
import dev.fluxgate.v1.RestInput;
import dev.fluxgate.v1.RestJob;
import dev.fluxgate.v1.RestJobRequest;
import dev.fluxgate.v1.RestUpsampling;
import dev.fluxgate.v1.UpsamplingSource;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;

/**
 * What to draw, as JSON has it ⇄ as the protocol has it. Most fields are the same; hashes are
 * hexadecimal and choices are words in JSON.
 */
final class RestParameters {
  private static final Map<String, ImageFormat> FORMATS =
      Map.of(
          "", ImageFormat.IMAGE_FORMAT_UNSPECIFIED,
          "png", ImageFormat.IMAGE_FORMAT_PNG,
          "jpeg", ImageFormat.IMAGE_FORMAT_JPEG,
          "webp", ImageFormat.IMAGE_FORMAT_WEBP);
  private static final Map<String, RandDevice> DEVICES =
      Map.of(
          "", RandDevice.RAND_DEVICE_UNSPECIFIED,
          "cpu", RandDevice.RAND_DEVICE_CPU,
          "cuda", RandDevice.RAND_DEVICE_CUDA);
  private static final Map<String, OutputType> TYPES =
      Map.of(
          "", OutputType.OUTPUT_TYPE_UNSPECIFIED,
          "pictures", OutputType.OUTPUT_TYPE_PICTURES,
          "latents", OutputType.OUTPUT_TYPE_LATENTS);
  private static final Map<String, UpsamplingSource> SOURCES =
      Map.of(
          "", UpsamplingSource.UPSAMPLING_SOURCE_UNSPECIFIED,
          "encoder", UpsamplingSource.UPSAMPLING_SOURCE_ENCODER,
          "chat", UpsamplingSource.UPSAMPLING_SOURCE_CHAT);

  private RestParameters() {}

  /**
   * What is to be drawn.
   *
   * @throws HttpFailureException for a choice or a hash that is none
   */
  static GenerationParameters of(RestJobRequest request) {
    GenerationParameters.Builder parameters = GenerationParameters.newBuilder();
    FlatFields.copy(request, parameters);
    parameters
        .setFormat(choice("format", request.getFormat(), FORMATS))
        .setRandDevice(choice("randDevice", request.getRandDevice(), DEVICES))
        .setOutputType(choice("outputType", request.getOutputType(), TYPES));
    for (RestInput input : request.getImagesList()) {
      parameters.addImages(image("images[" + parameters.getImagesCount() + "]", input));
    }
    if (request.hasMaskImage()) {
      parameters.setMaskImage(image("maskImage", request.getMaskImage()));
    }
    if (request.hasImageReference()) {
      parameters.setImageReference(image("imageReference", request.getImageReference()));
    }
    if (request.hasUpsampling()) {
      parameters.setUpsampling(upsampling(request.getUpsampling()));
    }
    tensors(request, parameters);
    return parameters.build();
  }

  private static void tensors(RestJobRequest request, GenerationParameters.Builder parameters) {
    if (request.hasLatents()) {
      parameters.setLatents(tensor("latents", request.getLatents()));
    }
    if (request.hasPromptEmbeds()) {
      parameters.setPromptEmbeds(tensor("promptEmbeds", request.getPromptEmbeds()));
    }
    if (request.hasPooledPromptEmbeds()) {
      parameters.setPooledPromptEmbeds(
          tensor("pooledPromptEmbeds", request.getPooledPromptEmbeds()));
    }
    if (request.hasNegativePromptEmbeds()) {
      parameters.setNegativePromptEmbeds(
          tensor("negativePromptEmbeds", request.getNegativePromptEmbeds()));
    }
    if (request.hasNegativePooledPromptEmbeds()) {
      parameters.setNegativePooledPromptEmbeds(
          tensor("negativePooledPromptEmbeds", request.getNegativePooledPromptEmbeds()));
    }
  }

  private static PromptUpsampling upsampling(RestUpsampling request) {
    PromptUpsampling.Builder upsampling = PromptUpsampling.newBuilder();
    FlatFields.copy(request, upsampling);
    return upsampling.setSource(choice("upsampling.source", request.getSource(), SOURCES)).build();
  }

  private static InputImage image(String field, RestInput input) {
    boolean isInline = !input.getData().isEmpty();
    if (isInline == !input.getSha256().isEmpty()) {
      throw HttpFailureException.invalid(
          field, isInline ? "sha256 and data" : "empty", "sha256, or data");
    }
    InputImage.Builder image = InputImage.newBuilder();
    return isInline
        ? image.setData(input.getData()).build()
        : image.setSha256(hash(field, input.getSha256())).build();
  }

  private static InputTensor tensor(String field, RestInput input) {
    if (!input.getData().isEmpty()) {
      throw HttpFailureException.invalid(
          field, "data", "sha256 of a tensor uploaded before, whose shape is known");
    }
    return InputTensor.newBuilder().setSha256(hash(field, input.getSha256())).build();
  }

  private static ByteString hash(String field, String hex) {
    try {
      return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    } catch (IllegalArgumentException e) {
      throw HttpFailureException.invalid(
          field, hex.length() + " characters", "a SHA-256 of 64 hexadecimal digits");
    }
  }

  private static <T> T choice(String field, String word, Map<String, T> known) {
    T choice = known.get(word);
    if (choice == null) {
      throw HttpFailureException.invalid(
          field,
          word,
          "one of "
              + String.join(
                  ", ", known.keySet().stream().filter(name -> !name.isEmpty()).sorted().toList()));
    }
    return choice;
  }

  /** Tells what is drawn. */
  static void put(GenerationParameters parameters, RestJob.Builder rest) {
    FlatFields.copy(parameters, rest);
    parameters.getImagesList().forEach(image -> rest.addInputImages(input(image.getSha256())));
    if (parameters.hasMaskImage()) {
      rest.setMaskImage(input(parameters.getMaskImage().getSha256()));
    }
    if (parameters.hasImageReference()) {
      rest.setImageReference(input(parameters.getImageReference().getSha256()));
    }
    if (parameters.hasLatents()) {
      rest.setLatents(input(parameters.getLatents().getSha256()));
    }
    if (parameters.hasPromptEmbeds()) {
      rest.setPromptEmbeds(input(parameters.getPromptEmbeds().getSha256()));
    }
    if (parameters.hasPooledPromptEmbeds()) {
      rest.setPooledPromptEmbeds(input(parameters.getPooledPromptEmbeds().getSha256()));
    }
    if (parameters.hasNegativePromptEmbeds()) {
      rest.setNegativePromptEmbeds(input(parameters.getNegativePromptEmbeds().getSha256()));
    }
    if (parameters.hasNegativePooledPromptEmbeds()) {
      rest.setNegativePooledPromptEmbeds(
          input(parameters.getNegativePooledPromptEmbeds().getSha256()));
    }
    rest.setFormat(word(parameters.getFormat(), "IMAGE_FORMAT_"))
        .setRandDevice(word(parameters.getRandDevice(), "RAND_DEVICE_"))
        .setOutputType(
            parameters.getOutputType() == OutputType.OUTPUT_TYPE_LATENTS ? "latents" : "pictures");
    if (parameters.hasUpsampling()) {
      RestUpsampling.Builder upsampling = RestUpsampling.newBuilder();
      FlatFields.copy(parameters.getUpsampling(), upsampling);
      rest.setUpsampling(
          upsampling.setSource(word(parameters.getUpsampling().getSource(), "UPSAMPLING_SOURCE_")));
    }
  }

  private static RestInput input(ByteString sha256) {
    return RestInput.newBuilder().setSha256(HexFormat.of().formatHex(sha256.toByteArray())).build();
  }

  /** "RAND_DEVICE_CPU" becomes "cpu", what is not set nothing. */
  private static String word(Enum<?> choice, String prefix) {
    String word = choice.name().substring(prefix.length()).toLowerCase(Locale.ROOT);
    return word.equals("unspecified") ? "" : word;
  }
}
