package dev.fluxgate.gateway.upsample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.fluxgate.proto.prompt.UpsamplingMessages;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a chat endpoint (formats spec §12.3). Pictures travel as data URLs in front of the text.
 * Redirects are not followed: the key goes to the one address that was configured.
 */
public final class ChatUpsampler implements PromptUpsampler {
  private static final JsonMapper JSON = new JsonMapper();

  /** Far above any answer of some hundred tokens. */
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  private static final int MAX_COMPLAINT_CHARS = 200;

  private static final int OK = 200;
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private final ChatEndpoint endpoint;
  private final URI address;
  private final HttpClient client;
  private final UpsamplerGuard guard;

  /** A client; it connects with the first call. */
  public ChatUpsampler(ChatEndpoint endpoint, UpsamplerGuard.Policy policy) {
    this.endpoint = endpoint;
    String base = endpoint.url().toString();
    address = URI.create(base.replaceFirst("/+$", "") + "/chat/completions");
    client =
        HttpClient.newBuilder()
            .connectTimeout(endpoint.timeout())
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    guard = new UpsamplerGuard(target(), policy);
  }

  @Override
  public String target() {
    return endpoint.toString();
  }

  @Override
  public UpsampledPrompt upsample(UpsamplingRequest request) {
    byte[] body = body(request);
    return guard.call(() -> attempt(body));
  }

  private UpsampledPrompt attempt(byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    if (endpoint.key() != null) {
      request.header("Authorization", "Bearer " + endpoint.key());
    }
    // The client's own timeout ends with the headers of an answer; this one with its last byte.
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            request.build(),
            HttpResponse.BodyHandlers.limiting(
                HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
    try {
      HttpResponse<byte[]> response =
          answer.get(endpoint.timeout().toMillis(), TimeUnit.MILLISECONDS);
      return read(response.statusCode(), response.body());
    } catch (TimeoutException e) {
      throw late(e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      // Of two clocks with one limit the client's, over a connection, may strike first.
      throw cause instanceof HttpTimeoutException
          ? late(cause)
          : unavailable(cause.getClass().getSimpleName(), cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpsamplingFailedException("INTERRUPTED", "the gateway is stopping", e);
    } finally {
      // Without effect on an answer that is there.
      answer.cancel(true);
    }
  }

  private UpsamplerUnavailableException late(Throwable cause) {
    return unavailable("no whole answer within " + endpoint.timeout(), cause);
  }

  private UpsamplerUnavailableException unavailable(String problem, Throwable cause) {
    return new UpsamplerUnavailableException(
        target()
            + ": "
            + problem
            + " (expected: an answer of at most "
            + MAX_ANSWER_BYTES
            + " bytes)",
        cause);
  }

  private UpsampledPrompt read(int status, byte[] answer) {
    if (status != OK) {
      throw refusal(status, complaint(answer));
    }
    JsonNode root = json(answer);
    JsonNode error = root.path("error");
    if (error.isObject()) {
      // A provider may fail behind an endpoint that has said 200 already.
      throw refusal(error.path("code").asInt(SERVER_ERROR), text(error.path("message").asText("")));
    }
    JsonNode choice = root.path("choices").path(0);
    String reason = choice.path("finish_reason").asText("");
    String prompt = choice.path("message").path("content").asText("").strip();
    if (reason.equals("error")) {
      throw refusal(SERVER_ERROR, "the model broke off");
    }
    if (prompt.isEmpty()) {
      throw new UpsamplingFailedException(
          reason.equals("content_filter") ? "CONTENT_FILTER" : "MALFORMED_ANSWER",
          target() + ": no text, finish_reason \"" + text(reason) + "\" (expected: a prompt)",
          null);
    }
    return new UpsampledPrompt(
        prompt,
        endpoint.model(),
        Math.max(root.path("usage").path("completion_tokens").asInt(0), 0),
        reason.equals("length"));
  }

  private RuntimeException refusal(int status, String complaint) {
    String message =
        target() + ": status " + status + (complaint.isEmpty() ? "" : ", " + complaint);
    if (status == TIMEOUT || status == TOO_MANY || status >= SERVER_ERROR) {
      return new UpsamplerUnavailableException(message, new IOException("status " + status));
    }
    return new UpsamplingFailedException("UPSAMPLER_REFUSED", message, null);
  }

  private static String complaint(byte[] answer) {
    try {
      JsonNode error = JSON.readTree(answer).path("error");
      return text(error.isTextual() ? error.asText() : error.path("message").asText(""));
    } catch (IOException _) {
      // A proxy's page; its status says enough.
      return "";
    }
  }

  private JsonNode json(byte[] answer) {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw new UpsamplingFailedException(
          "MALFORMED_ANSWER", target() + ": no JSON (expected: a chat completion)", e);
    }
  }

  /** What a stranger says, as part of one line of ours; never with the key in it. */
  private static String text(String foreign) {
    String line = foreign.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() > MAX_COMPLAINT_CHARS ? line.substring(0, MAX_COMPLAINT_CHARS) : line;
  }

  private byte[] body(UpsamplingRequest request) {
    ObjectNode body = JSON.createObjectNode();
    body.put("model", endpoint.model())
        .put("max_tokens", request.maxNewTokens())
        .put("temperature", request.temperature())
        .put("seed", request.seed())
        .put("stream", false);
    ArrayNode messages = body.putArray("messages");
    messages
        .addObject()
        .put("role", "system")
        .put("content", UpsamplingMessages.of(!request.pictures().isEmpty()));
    ObjectNode user = messages.addObject().put("role", "user");
    if (request.pictures().isEmpty()) {
      user.put("content", request.prompt());
    } else {
      ArrayNode parts = user.putArray("content");
      request.pictures().forEach(picture -> parts.add(part(picture)));
      parts.addObject().put("type", "text").put("text", request.prompt());
    }
    try {
      return JSON.writeValueAsBytes(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that cannot be written", e);
    }
  }

  private static ObjectNode part(UpsamplingRequest.Picture picture) {
    String url =
        "data:"
            + picture.mediaType()
            + ";base64,"
            + new String(
                Base64.getEncoder().encode(picture.file().toByteArray()),
                StandardCharsets.ISO_8859_1);
    ObjectNode part = JSON.createObjectNode().put("type", "image_url");
    part.putObject("image_url").put("url", url);
    return part;
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
