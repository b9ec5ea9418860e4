package dev.fluxgate.encoder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.encoder.testing.EncodedPrompt;
import dev.fluxgate.encoder.testing.ServedEncoder;
import dev.fluxgate.encoder.token.TokenizerFormatException;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.testing.GoldenCase;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class EncoderProcessTest {
  @TempDir Path empty;

  /** What the reference pipelines feed their transformers must come over the wire. */
  @TestFactory
  Stream<DynamicTest> servesThePromptEmbedsOfEveryPipelineCase() {
    List<GoldenCase> cases =
        GoldenCase.all("pipelines").stream()
            .filter(golden -> golden.parameters().at("/call/text_encoder_out_layers").isArray())
            .filter(golden ->
                golden.parameters().at("/call/prompt").size() > 0
                    || golden.parameters().at("/call/prompt").isTextual())
            .toList();
    assertThat(cases).isNotEmpty();
    return cases.stream()
        .map(golden -> DynamicTest.dynamicTest(golden.toString(), () -> compare(golden)));
  }

  private static void compare(GoldenCase golden) {
    boolean low = golden.parameters().path("compute_dtype").asText().equals("bfloat16");
    EncoderConfig config = EncoderConfig.of(golden.model()).withDtype(low ? DType.BF16 : DType.F32);
    try (EncoderProcess process = EncoderProcess.start(config)) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + process.port());
      TextEncoderServiceBlockingStub client = TextEncoderServiceGrpc.newBlockingStub(channel);
      List<HostTensor> rows = new ArrayList<>();
      JsonNode call = golden.parameters().path("call");
      for (String prompt : texts(call.path("prompt"))) {
        HostTensor embeds = encode(client, call, prompt);
        for (int i = 0; i < call.path("num_images_per_prompt").asInt(1); i++) {
          rows.add(embeds);
        }
      }
      assertRows(golden, "mid.prompt_embeds", rows);
      if (golden.names().contains("mid.negative_prompt_embeds")) {
        int count = golden.tensor("mid.negative_prompt_embeds").shape().size(0);
        List<HostTensor> negative = Collections.nCopies(count, encode(client, call, ""));
        assertRows(golden, "mid.negative_prompt_embeds", negative);
      }
      GrpcChannels.close(channel);
    }
  }

  private static void assertRows(GoldenCase golden, String name, List<HostTensor> rows) {
    HostTensor expected = golden.tensor(name);
    HostTensor actual = HostTensor.zeros(rows.getFirst().dtype(), expected.shape());
    assertThat(expected.shape().dim(0)).isEqualTo(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      actual.slice(i, 1).data().copyFrom(rows.get(i).data());
    }
    golden.assertMatches(name, actual);
  }

  private static HostTensor encode(
      TextEncoderServiceBlockingStub client, JsonNode call, String prompt) {
    EncodeRequest.Builder request =
        EncodeRequest.newBuilder()
            .setPrompt(prompt)
            .setMaxSequenceLength(call.path("max_sequence_length").asInt());
    call.path("text_encoder_out_layers").forEach(l -> request.addOutputLayers(l.asInt()));
    return EncodedPrompt.read(client.encode(request.build())).embeds();
  }

  private static List<String> texts(JsonNode prompt) {
    if (prompt.isTextual()) {
      return List.of(prompt.asText());
    }
    List<String> texts = new ArrayList<>();
    prompt.forEach(text -> texts.add(text.asText()));
    return texts;
  }

  @Test
  void namesBrokenWeightsInsteadOfServingThem() throws IOException {
    Path model = copyWith("text_encoder/model.safetensors", EncoderProcessTest::poison);
    try (EncoderProcess process = EncoderProcess.start(reference(model))) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + process.port());
      Throwable thrown =
          catchThrowable(() ->
              EncodedPrompt.read(
                  TextEncoderServiceGrpc.newBlockingStub(channel)
                      .encode(EncodeRequest.newBuilder().setMaxSequenceLength(8).build())));
      assertThat(Failure.ofCall(thrown).reason()).isEqualTo("NON_FINITE_EMBEDS");
      assertThat(Failure.ofCall(thrown).code()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(Failure.ofCall(thrown).message())
          .endsWith(
              "values are not finite (expected: none; are the weights of the text encoder intact?)");
      GrpcChannels.close(channel);
    }
  }

  @Test
  void refusesATokenizerWithMoreIdsThanTheEncoderHasRows() throws IOException {
    Path model =
        copyWith(
            "tokenizer/tokenizer.json",
            bytes ->
                new String(bytes, UTF_8)
                    .replaceFirst(
                        "\"added_tokens\": *\\[",
                        "\"added_tokens\": [{\"id\": 640, \"content\": \"[NEW]\", \"special\": true,"
                            + " \"single_word\": false, \"lstrip\": false, \"rstrip\": false,"
                            + " \"normalized\": false},")
                    .getBytes(UTF_8));
    assertThatThrownBy(() -> EncoderProcess.start(reference(model)))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining(
            "token id 640 (expected: below the 640 rows of the text encoder's embedding)");
  }

  /** The tiny dev model with one file of it changed. */
  private Path copyWith(String file, UnaryOperator<byte[]> change) throws IOException {
    Path source = ServedEncoder.folder("model_flux2_dev");
    Path model = empty.resolve("model");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path from : files.toList()) {
        Path to = model.resolve(source.relativize(from).toString());
        if (Files.isDirectory(from)) {
          Files.createDirectories(to);
        } else {
          Files.write(to, Files.readAllBytes(from));
        }
      }
    }
    Path changed = model.resolve(file);
    Files.write(changed, change.apply(Files.readAllBytes(changed)));
    return model;
  }

  /** All weights behind the header become not-a-number. */
  private static byte[] poison(byte[] file) {
    int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    Arrays.fill(file, 8 + header, file.length, (byte) 0xFF);
    return file;
  }

  @Test
  void refusesAFolderThatIsNoModel() {
    assertThatThrownBy(() -> EncoderProcess.start(reference(empty)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no model_index.json");
  }

  @Test
  void refusesAPortInUse() {
    EncoderConfig config = reference(ServedEncoder.folder("model_flux2_dev"));
    try (EncoderProcess first = EncoderProcess.start(config)) {
      EncoderConfig same = config.withAddress("127.0.0.1", first.port());
      assertThatThrownBy(() -> EncoderProcess.start(same))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(":" + first.port());
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    EncoderConfig config = reference(empty);
    assertThatThrownBy(() -> EncoderConfig.of(empty).withDtype(DType.F16))
        .hasMessage("encoder.dtype: F16 (expected: F32 or BF16)");
    assertThatThrownBy(() -> config.withAddress("127.0.0.1", 65_536))
        .hasMessage("encoder.port: 65536 (expected: 0..65535)");
    assertThatThrownBy(() -> new EncoderConfig.Limits(0, 1, 1, 1))
        .hasMessage("encoder.queue-capacity: 0 (expected: 1..1000000)");
    assertThatThrownBy(() -> EncoderProcess.start(config.withDevice("abacus")))
        .hasMessageContaining("abacus (expected: auto, cpu, cuda:N or reference)");
  }

  private static EncoderConfig reference(Path model) {
    return EncoderConfig.of(model).withDtype(DType.F32).withDevice("reference");
  }
}
