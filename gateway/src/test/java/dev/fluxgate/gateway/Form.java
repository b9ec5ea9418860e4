package dev.fluxgate.gateway;

import com.google.protobuf.ByteString;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;

/** A form of several parts, as a browser or OpenAI's package writes it. */
final class Form {
  private static final String BOUNDARY = "xxBOUNDARYxx";

  private ByteString body = ByteString.EMPTY;

  Form field(String name, String value) {
    return part("content-disposition: form-data; name=\"" + name + "\"", text(value));
  }

  Form file(String name, ByteString bytes) {
    return part(
        "content-disposition: form-data; name=\"%s\"; filename=\"../a\"\r\ncontent-type: image/png"
            .formatted(name),
        bytes);
  }

  Form part(String headers, ByteString content) {
    body =
        body.concat(text("--" + BOUNDARY + "\r\n" + headers + "\r\n\r\n"))
            .concat(content)
            .concat(text("\r\n"));
    return this;
  }

  private static ByteString text(String text) {
    return ByteString.copyFromUtf8(text);
  }

  /** The request with all parts and their end. */
  HttpRequest post(HttpRequest.Builder request) {
    return post(request, body.concat(text("--" + BOUNDARY + "--\r\n")));
  }

  /** The request, broken off. */
  HttpRequest postCutShort(HttpRequest.Builder request) {
    return post(request, body);
  }

  private static HttpRequest post(HttpRequest.Builder request, ByteString body) {
    return request
        .header("content-type", "multipart/form-data; boundary=" + BOUNDARY)
        .POST(BodyPublishers.ofByteArray(body.toByteArray()))
        .build();
  }
}
