package dev.fluxgate.gateway.http.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.MediaType;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;

/**
 * Bodies of JSON → messages. Stricter than the JSON reader of protobuf, which takes comments,
 * single quotes and two values for one name, and does not say which field is at fault.
 */
final class JsonBody {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonBody() {}

  /**
   * Reads the body of {@code request} into {@code message}.
   *
   * @throws HttpFailureException if it is no object of JSON in UTF-8, or a field is unknown or of
   *     another type
   */
  static void read(AggregatedHttpRequest request, Message.Builder message) {
    checkType(request);
    JsonFields.merge(parse(decode(request.content().array())), message);
  }

  private static void checkType(AggregatedHttpRequest request) {
    MediaType type = request.contentType();
    // What curl -d says unless told otherwise; pages of other origins are kept out by SameOrigin.
    boolean isCurl = type != null && type.is(MediaType.FORM_DATA);
    if (type == null || !(type.isJson() || isCurl)) {
      throw unsupported("content-type: " + (type == null ? "absent" : type), "application/json");
    }
    if (!UTF_8.equals(type.charset(UTF_8))) {
      throw unsupported("content-type: " + type, "UTF-8");
    }
    String encoding = request.headers().get("content-encoding", "identity");
    if (!encoding.equals("identity")) {
      throw unsupported("content-encoding: " + encoding, "none");
    }
  }

  private static HttpFailureException unsupported(String value, String expected) {
    return new HttpFailureException(
        415, "UNSUPPORTED_MEDIA_TYPE", value + " (expected: " + expected + ")");
  }

  private static String decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result =
        UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT)
            .decode(in, out, true);
    if (result.isError()) {
      throw invalid("byte " + in.position() + " is not UTF-8 (expected: JSON in UTF-8)");
    }
    return out.flip().toString();
  }

  private static JsonNode parse(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
      throw invalid(where + ": " + e.getOriginalMessage());
    }
    if (!root.isObject()) {
      String what = root.isMissingNode() ? "empty" : root.getNodeType().name();
      throw invalid(what + " (expected: an object)");
    }
    return root;
  }

  private static HttpFailureException invalid(String why) {
    return new HttpFailureException(400, "INVALID_JSON", "body: " + why);
  }
}
