package dev.fluxgate.gateway.http.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.RandDevice;
import dev.fluxgate.v1.RestInput;
import dev.fluxgate.v1.RestJob;
import dev.fluxgate.v1.RestJobRequest;
import dev.fluxgate.v1.RestUpsampling;
import dev.fluxgate.v1.UpsamplingSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No field is forgotten on its way in or out, and what is no choice is refused. */
class RestParametersTest {
  private static final ByteString HASH = ByteString.copyFromUtf8("a".repeat(32));
  private static final RestInput INPUT =
      RestInput.newBuilder().setSha256(HexFormat.of().formatHex(HASH.toByteArray())).build();

  /** What is not of the drawing but of the call. */
  private static final String TIMEOUT = "timeout_millis";

  @ParameterizedTest
  @MethodSource("requested")
  void everyFieldOfARequestReachesTheProtocol(String name) {
    FieldDescriptor field = RestJobRequest.getDescriptor().findFieldByName(name);
    RestJobRequest.Builder request = RestJobRequest.newBuilder();
    set(request, field);

    GenerationParameters parameters = RestParameters.of(request.build());

    assertThat(parameters.getAllFields().keySet())
        .extracting(FieldDescriptor::getName)
        .containsExactly(name);
  }

  static Stream<String> requested() {
    return RestJobRequest.getDescriptor().getFields().stream()
        .map(FieldDescriptor::getName)
        .filter(name -> !name.equals(TIMEOUT));
  }

  @ParameterizedTest
  @MethodSource("drawn")
  void everyFieldOfWhatIsDrawnIsTold(String name) {
    FieldDescriptor field = GenerationParameters.getDescriptor().findFieldByName(name);
    GenerationParameters.Builder parameters = GenerationParameters.newBuilder();
    set(parameters, field);
    RestJob.Builder silent = RestJob.newBuilder();
    RestParameters.put(GenerationParameters.getDefaultInstance(), silent);

    RestJob.Builder told = RestJob.newBuilder();
    RestParameters.put(parameters.build(), told);

    String there = name.equals("images") ? "input_images" : name;
    FieldDescriptor same = RestJob.getDescriptor().findFieldByName(there);
    assertThat(told.getField(same)).isNotEqualTo(silent.getField(same));
    assertThat(told.clearField(same).build()).isEqualTo(silent.clearField(same).build());
  }

  static Stream<String> drawn() {
    return GenerationParameters.getDescriptor().getFields().stream().map(FieldDescriptor::getName);
  }

  /** Sets a field to something other than its default. */
  private static void set(Message.Builder message, FieldDescriptor field) {
    Object value =
        switch (field.getJavaType()) {
          case INT -> 5;
          case LONG -> 6L;
          case FLOAT -> 0.5f;
          case DOUBLE -> 0.25;
          case BOOLEAN -> true;
          case STRING ->
              Map.of("format", "webp", "rand_device", "cuda", "output_type", "latents")
                  .getOrDefault(field.getName(), "words");
          case BYTE_STRING -> HASH;
          case ENUM -> field.getEnumType().getValues().getLast();
          case MESSAGE -> message(message.newBuilderForField(field));
        };
    if (field.isRepeated()) {
      message.addRepeatedField(field, value);
    } else {
      message.setField(field, value);
    }
  }

  private static Message message(Message.Builder builder) {
    return switch (builder) {
      case RestInput.Builder _ -> INPUT;
      case RestUpsampling.Builder upsampling -> upsampling.setSource("chat").setSeed(3).build();
      case PromptUpsampling.Builder upsampling -> upsampling.setSeed(3).build();
      default ->
          builder.setField(builder.getDescriptorForType().findFieldByName("sha256"), HASH).build();
    };
  }

  @Test
  void readsEveryWord() {
    GenerationParameters parameters =
        RestParameters.of(
            RestJobRequest.newBuilder()
                .setFormat("jpeg")
                .setRandDevice("cpu")
                .setOutputType("pictures")
                .setUpsampling(RestUpsampling.newBuilder().setSource("encoder"))
                .build());

    assertThat(parameters.getFormat()).isEqualTo(ImageFormat.IMAGE_FORMAT_JPEG);
    assertThat(parameters.getRandDevice()).isEqualTo(RandDevice.RAND_DEVICE_CPU);
    assertThat(parameters.getOutputType()).isEqualTo(OutputType.OUTPUT_TYPE_PICTURES);
    assertThat(parameters.getUpsampling().getSource())
        .isEqualTo(UpsamplingSource.UPSAMPLING_SOURCE_ENCODER);
  }

  @Test
  void saysTheWordsThatItReads() {
    RestJob.Builder told = RestJob.newBuilder();
    RestParameters.put(
        GenerationParameters.newBuilder()
            .setFormat(ImageFormat.IMAGE_FORMAT_WEBP)
            .setRandDevice(RandDevice.RAND_DEVICE_CUDA)
            .setUpsampling(
                PromptUpsampling.newBuilder().setSource(UpsamplingSource.UPSAMPLING_SOURCE_CHAT))
            .addImages(InputImage.newBuilder().setSha256(HASH))
            .build(),
        told);

    assertThat(told.getFormat()).isEqualTo("webp");
    assertThat(told.getRandDevice()).isEqualTo("cuda");
    assertThat(told.getOutputType()).isEqualTo("pictures");
    assertThat(told.getUpsampling().getSource()).isEqualTo("chat");
    assertThat(told.getInputImagesList()).containsExactly(INPUT);
  }

  @Test
  void refusesWordsThatAreNone() {
    refused("format: gif (expected: one of jpeg, png, webp)", request().setFormat("gif"));
    refused("format: PNG (expected: one of jpeg, png, webp)", request().setFormat("PNG"));
    refused("randDevice: tpu (expected: one of cpu, cuda)", request().setRandDevice("tpu"));
    refused(
        "outputType: video (expected: one of latents, pictures)", request().setOutputType("video"));
    refused(
        "upsampling.source: oracle (expected: one of chat, encoder)",
        request().setUpsampling(RestUpsampling.newBuilder().setSource("oracle")));
  }

  @Test
  void refusesInputsThatAreNeitherOrBoth() {
    RestInput both = INPUT.toBuilder().setData(HASH).build();
    RestInput none = RestInput.getDefaultInstance();

    refused(
        "images[1]: sha256 and data (expected: sha256, or data)",
        request().addImages(INPUT).addImages(both));
    refused("maskImage: empty (expected: sha256, or data)", request().setMaskImage(none));
    refused(
        "latents: data (expected: sha256 of a tensor uploaded before, whose shape is known)",
        request().setLatents(both));
  }

  @Test
  void refusesHashesThatAreNotHexadecimal() {
    RestInput odd = RestInput.newBuilder().setSha256("abc").build();
    RestInput letters = RestInput.newBuilder().setSha256("xy".repeat(32)).build();

    refused(
        "imageReference: 3 characters (expected: a SHA-256 of 64 hexadecimal digits)",
        request().setImageReference(odd));
    refused(
        "promptEmbeds: 64 characters (expected: a SHA-256 of 64 hexadecimal digits)",
        request().setPromptEmbeds(letters));
  }

  private static RestJobRequest.Builder request() {
    return RestJobRequest.newBuilder();
  }

  private static void refused(String message, RestJobRequest.Builder request) {
    assertThatExceptionOfType(HttpFailureException.class)
        .isThrownBy(() -> RestParameters.of(request.build()))
        .withMessage(message);
  }
}
