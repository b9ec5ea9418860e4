package dev.fluxgate.gateway.http.json;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeaders;

/** Messages → the JSON of proto3, in one line. */
public final class JsonText {
  private static final JsonFormat.Printer FULL =
      JsonFormat.printer().alwaysPrintFieldsWithNoPresence().omittingInsignificantWhitespace();
  private static final JsonFormat.Printer BRIEF =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private JsonText() {}

  /** All fields, those at their default as well. */
  public static String full(MessageOrBuilder message) {
    return print(FULL, message);
  }

  /** Only fields that say something. */
  public static String brief(MessageOrBuilder message) {
    return print(BRIEF, message);
  }

  /** An answer with all fields of {@code message}. */
  public static HttpResponse response(int status, Message message) {
    return response(headers(status), full(message));
  }

  /** An answer with a body of {@code json}. */
  public static HttpResponse response(ResponseHeaders headers, String json) {
    return HttpResponse.of(headers, HttpData.ofUtf8(json));
  }

  /** The head of an answer that says how things stand now. */
  public static ResponseHeaders headers(int status) {
    return ResponseHeaders.builder(status)
        .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
        .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
        .build();
  }

  private static String print(JsonFormat.Printer printer, MessageOrBuilder message) {
    try {
      return printer.print(message);
    } catch (InvalidProtocolBufferException e) {
      // Only an Any of an unknown type cannot be printed; we have none.
      throw new IllegalStateException(e);
    }
  }
}
