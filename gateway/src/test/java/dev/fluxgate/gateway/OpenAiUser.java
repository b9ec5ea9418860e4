package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A user of OpenAI's calls for pictures, with a gateway to itself. */
final class OpenAiUser implements AutoCloseable {
  static final String GENERATIONS = "/v1/images/generations";
  static final String EDITS = "/v1/images/edits";

  final GatewayFixture gateway = new GatewayFixture();
  final HttpUser http = new HttpUser(gateway);

  /** Asks for pictures of what {@code json} says; cancelling the answer hangs up. */
  CompletableFuture<HttpResponse<String>> generate(String json) {
    return send(
        http.request(GENERATIONS, "content-type", "application/json")
            .POST(BodyPublishers.ofString(json))
            .build());
  }

  /** Asks for an edit. */
  CompletableFuture<HttpResponse<String>> edit(Form form) {
    return send(form.post(http.request(EDITS)));
  }

  private CompletableFuture<HttpResponse<String>> send(HttpRequest request) {
    return http.client().sendAsync(request, BodyHandlers.ofString());
  }

  /** The body of an answer with pictures. */
  static JsonNode pictures(HttpResponse<String> response) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return HttpUser.json(response);
  }

  /** A picture of such a body, decoded. */
  static ByteString picture(JsonNode body, int index) {
    String base64 = body.path("data").path(index).path("b64_json").asText();
    return ByteString.copyFrom(Base64.getDecoder().decode(base64));
  }

  /** What a refusal says, in the shape that OpenAI's packages read. */
  static JsonNode error(HttpResponse<String> response, int status) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = HttpUser.json(response).path("error");
    assertThat(error.properties())
        .extracting(Map.Entry::getKey)
        .contains("message", "type", "param", "code");
    return error;
  }

  @Override
  public void close() {
    http.close();
    gateway.close();
  }
}
