package dev.fluxgate.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fluxgate.cli.golden.GoldenCase;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.UpsamplingSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prompt that is rewritten before it is drawn: by the encoder, and by a chat endpoint. */
class PromptUpsamplingTest {
  private static final Path REWRITTEN = SplitSystem.ROOT.resolve("testdata/golden/generate");
  private static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"a tiled roof\"},\"finish_reason\":\"stop\"}]}";

  @TempDir private Path folder;

  @Test
  void theEncoderRewritesAsTheReferenceDoesWithAndWithoutPicture()
      throws IOException, InterruptedException {
    try (SplitSystem system = SplitSystem.start(model(), DType.F32)) {
      GoldenCase words = GoldenCase.read(REWRITTEN.resolve("upsample_prompt_text"));
      GoldenCase seen = GoldenCase.read(REWRITTEN.resolve("upsample_prompt_image"));
      GenerationParameters asked = request(words);

      Job first = system.run(asked);
      Job again = system.run(asked);
      Job edited =
          system.run(
              request(seen).toBuilder()
                  .addImages(system.upload(seen.folder().resolve("image0.png")))
                  .build());

      assertThat(first.getUpsampledPrompt())
          .as(first.getError().getMessage())
          .isEqualTo(text(words));
      assertThat(first.getEmbeddingCached()).isFalse();
      assertThat(again.getUpsampledPrompt()).isEqualTo(text(words));
      assertThat(again.getEmbeddingCached()).isTrue();
      assertThat(system.picture(again, 0).image()).isEqualTo(system.picture(first, 0).image());
      assertThat(edited.getUpsampledPrompt())
          .as(edited.getError().getMessage())
          .isEqualTo(text(seen));
      assertThat(edited.getImagesCount()).isEqualTo(1);
    }
  }

  @Test
  void aChatEndpointIsAskedOnceWithTheKeyOfAFile() throws IOException, InterruptedException {
    Path key = Files.writeString(folder.resolve("key"), "sk-secret\n");
    List<String> keys = new CopyOnWriteArrayList<>();
    HttpServer chat =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    chat.createContext(
        "/v1/chat/completions",
        exchange -> {
          keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
          answer(exchange);
        });
    chat.start();
    PipelineCase klein = PipelineCase.of("flux2_klein_t2i");
    try (SplitSystem system =
        SplitSystem.start(
            klein.model(),
            DType.F32,
            "--upsampler-url",
            "http://127.0.0.1:" + chat.getAddress().getPort() + "/v1",
            "--upsampler-model",
            "tiny",
            "--upsampler-key-file",
            key.toString())) {
      GenerationParameters asked = klein.request(system);
      GenerationParameters rewritten =
          asked.toBuilder()
              .setPrompt("a roof")
              .setUpsampling(
                  PromptUpsampling.newBuilder().setSource(UpsamplingSource.UPSAMPLING_SOURCE_CHAT))
              .build();

      Job first = system.run(rewritten);
      Job again = system.run(rewritten);
      Job plain = system.run(asked.toBuilder().setPrompt("a tiled roof").build());

      assertThat(keys).containsExactly("Bearer sk-secret");
      assertThat(first.getUpsampledPrompt()).isEqualTo("a tiled roof");
      assertThat(first.getParameters().getPrompt()).isEqualTo("a roof");
      assertThat(again.getEmbeddingCached()).isTrue();
      assertThat(plain.getUpsampledPrompt()).isEmpty();
      assertThat(system.picture(first, 0).image()).isEqualTo(system.picture(plain, 0).image());
      assertThat(new String(system.file(first, 0), UTF_8)).doesNotContain("sk-secret");
    } finally {
      chat.stop(0);
    }
  }

  /** A pipeline of which the text encoder is the language model of the cases. */
  private Path model() throws IOException {
    Path model = ModelCopy.of(PipelineCase.of("flux2_dev_t2i").model(), folder.resolve("model"));
    for (Path file : files(REWRITTEN.resolve("model"))) {
      String name = file.getFileName().toString();
      boolean isEncoder = name.startsWith("model") || name.matches("(generation_)?config.json");
      Files.write(
          model.resolve(isEncoder ? "text_encoder" : "tokenizer").resolve(name),
          Files.readAllBytes(file));
    }
    return model;
  }

  private static List<Path> files(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static GenerationParameters request(GoldenCase golden) {
    return GenerationParameters.newBuilder()
        .setPrompt(golden.parameters().path("prompt").asText())
        .setSeed(1)
        .setWidth(64)
        .setHeight(48)
        .setNumInferenceSteps(1)
        .setMaxSequenceLength(112)
        .addAllTextEncoderOutLayers(List.of(1, 2, 3))
        .setUpsampling(
            PromptUpsampling.newBuilder()
                .setSeed(golden.parameters().path("generator_seed").longValue())
                .setTemperature(golden.parameters().path("temperature").floatValue()))
        .build();
  }

  private static String text(GoldenCase golden) throws IOException {
    return golden.document("text.json").path(0).asText();
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, ANSWER.length());
      exchange.getResponseBody().write(ANSWER.getBytes(UTF_8));
    }
  }
}
