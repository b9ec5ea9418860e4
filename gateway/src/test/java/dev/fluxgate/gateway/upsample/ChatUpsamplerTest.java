package dev.fluxgate.gateway.upsample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.fluxgate.proto.prompt.UpsamplingMessages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChatUpsamplerTest {
  private static final UpsamplerGuard.Policy QUICK =
      new UpsamplerGuard.Policy(3, Duration.ofMillis(10), Duration.ofMinutes(1));
  private static final UpsamplingRequest REQUEST = UpsamplingRequest.of("a dog", List.of(), 7);
  private static final String KEY = "sk-very-secret";

  /** What the server answers, one after the other; the last one again and again. */
  private final Queue<Answer> answers = new ArrayDeque<>();

  private final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
  private final List<String> keys = new CopyOnWriteArrayList<>();
  private HttpServer server;

  private record Answer(int status, String body) {}

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void asksAsTheAuthorsDoAndStripsTheAnswer() {
    answers.add(completion("  a shaggy dog\n", "stop"));
    UpsampledPrompt answer = ask(REQUEST);
    assertThat(answer).isEqualTo(new UpsampledPrompt("a shaggy dog", "tiny/model", 5, false));
    assertThat(keys).containsExactly("Bearer " + KEY);
    JsonNode body = bodies.getFirst();
    assertThat(body.path("model").asText()).isEqualTo("tiny/model");
    assertThat(body.path("max_tokens").asInt()).isEqualTo(512);
    assertThat(body.path("temperature").asDouble()).isCloseTo(0.15, within());
    assertThat(body.at("/messages/0/content").asText()).isEqualTo(UpsamplingMessages.of(false));
    assertThat(body.at("/messages/1/content").asText()).isEqualTo("a dog");
  }

  @Test
  void picturesComeAsDataUrlsBeforeTheText() {
    answers.add(completion("make it red", "length"));
    UpsamplingRequest.Picture picture =
        new UpsamplingRequest.Picture("image/png", ByteString.copyFromUtf8("png"));
    assertThat(ask(UpsamplingRequest.of("red", List.of(picture), 7)).cutShort()).isTrue();
    JsonNode content = bodies.getFirst().at("/messages/1/content");
    assertThat(content.at("/0/image_url/url").asText()).isEqualTo("data:image/png;base64,cG5n");
    assertThat(content.at("/1/text").asText()).isEqualTo("red");
    assertThat(bodies.getFirst().at("/messages/0/content").asText())
        .isEqualTo(UpsamplingMessages.of(true));
  }

  @Test
  void busyAndBrokenEndpointsAreAskedAgain() {
    answers.add(new Answer(429, "{}"));
    answers.add(new Answer(200, "{\"error\":{\"code\":502,\"message\":\"provider\"}}"));
    answers.add(completion("a cat", "stop"));
    assertThat(ask(REQUEST).prompt()).isEqualTo("a cat");
    assertThat(bodies).hasSize(3);
  }

  @Test
  void aRefusalIsNotAskedAgainAndTellsWhatTheEndpointSaid() {
    answers.add(new Answer(401, "{\"error\":{\"message\":\"no\\nsuch key\"}}"));
    assertThatExceptionOfType(UpsamplingFailedException.class)
        .isThrownBy(() -> ask(REQUEST))
        .withMessageEndingWith("status 401, no such key")
        .satisfies(e -> assertThat(e.reason()).isEqualTo("UPSAMPLER_REFUSED"));
    assertThat(bodies).hasSize(1);
  }

  @Test
  void answersThatAreNoPromptAreRefused() {
    for (String body :
        List.of("<html>", "{}", "{\"choices\":[{\"message\":{\"content\":null}}]}", "[]")) {
      answers.clear();
      answers.add(new Answer(200, body));
      assertThatExceptionOfType(UpsamplingFailedException.class)
          .as(body)
          .isThrownBy(() -> ask(REQUEST))
          .satisfies(e -> assertThat(e.reason()).isEqualTo("MALFORMED_ANSWER"));
    }
  }

  @Test
  void anEndlessAnswerIsCutOff() {
    answers.add(new Answer(200, "x".repeat((1 << 20) + 1)));
    assertThatExceptionOfType(UpsamplerUnavailableException.class).isThrownBy(() -> ask(REQUEST));
  }

  @Test
  void aSlowAnswerIsGivenUpAndTheKeyIsInNoMessage() {
    answers.add(new Answer(0, ""));
    assertThatExceptionOfType(UpsamplerUnavailableException.class)
        .isThrownBy(() -> ask(REQUEST, Duration.ofMillis(100)))
        .withMessageContaining("no whole answer within PT0.1S")
        .satisfies(e -> assertThat(e.toString()).doesNotContain(KEY));
  }

  @Test
  void aConnectionThatDoesNotComeAboutIsToldAsASlowAnswer() throws IOException {
    List<Socket> queued = new ArrayList<>();
    try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      while (connects(full, queued)) {
        assertThat(queued).hasSizeLessThan(1000);
      }
      URI url = URI.create("http://127.0.0.1:" + full.getLocalPort() + "/v1/");
      ChatEndpoint endpoint = new ChatEndpoint(url, "tiny/model", KEY, Duration.ofMillis(100));
      try (ChatUpsampler upsampler = new ChatUpsampler(endpoint, QUICK)) {
        assertThatExceptionOfType(UpsamplerUnavailableException.class)
            .isThrownBy(() -> upsampler.upsample(REQUEST))
            .withMessageContaining("no whole answer within PT0.1S");
      }
    } finally {
      for (Socket socket : queued) {
        socket.close();
      }
    }
  }

  /** Takes one more place among those that nobody accepts; false once there is none. */
  private static boolean connects(ServerSocket listener, List<Socket> queued) throws IOException {
    Socket socket = new Socket();
    queued.add(socket);
    try {
      socket.connect(listener.getLocalSocketAddress(), 200);
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    }
  }

  @Test
  void anEndpointThatFailsAgainAndAgainIsLeftAlone() {
    answers.add(new Answer(503, ""));
    try (ChatUpsampler upsampler = upsampler(Duration.ofSeconds(20))) {
      for (int i = 0; i < 2; i++) {
        assertThatExceptionOfType(UpsamplerUnavailableException.class)
            .isThrownBy(() -> upsampler.upsample(REQUEST));
      }
      int asked = bodies.size();
      assertThatExceptionOfType(UpsamplerUnavailableException.class)
          .isThrownBy(() -> upsampler.upsample(REQUEST))
          .withMessageContaining("not asked");
      assertThat(bodies).hasSize(asked);
    }
  }

  private UpsampledPrompt ask(UpsamplingRequest request) {
    return ask(request, Duration.ofSeconds(20));
  }

  private UpsampledPrompt ask(UpsamplingRequest request, Duration timeout) {
    try (ChatUpsampler upsampler = upsampler(timeout)) {
      return upsampler.upsample(request);
    }
  }

  private ChatUpsampler upsampler(Duration timeout) {
    URI url = URI.create("http://localhost:" + server.getAddress().getPort() + "/v1/");
    return new ChatUpsampler(new ChatEndpoint(url, "tiny/model", KEY, timeout), QUICK);
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-6);
  }

  private static Answer completion(String text, String reason) {
    return new Answer(
        200,
        "{\"choices\":[{\"finish_reason\":\"%s\",\"message\":{\"content\":%s}}],\"usage\":{\"completion_tokens\":5}}"
            .formatted(reason, new JsonMapper().getNodeFactory().textNode(text)));
  }

  private void answer(HttpExchange exchange) {
    try (exchange) {
      bodies.add(new JsonMapper().readTree(exchange.getRequestBody().readAllBytes()));
      keys.add(exchange.getRequestHeaders().getFirst("Authorization"));
      Answer answer = answers.size() > 1 ? answers.remove() : answers.element();
      if (answer.status == 0) {
        // Headers at once, the body never.
        exchange.sendResponseHeaders(200, 10);
        exchange.getResponseBody().flush();
        Thread.sleep(Duration.ofSeconds(2));
        return;
      }
      byte[] body = answer.body.getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
