package dev.fluxgate.gateway.http.route;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.multipart.AggregatedBodyPart;
import com.linecorp.armeria.common.multipart.MimeParsingException;
import com.linecorp.armeria.common.multipart.Multipart;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bodies of {@code multipart/form-data} → the fields of a flat message, and files. Only the order
 * of parts and the bytes between two boundaries count; what a part says of its own type, name of a
 * file or length is not looked at.
 */
final class FormBody {
  private static final int MAX_PARTS = 64;
  private static final int MAX_FIELD_BYTES = 1 << 20;
  private static final int MAX_BOUNDARY_CHARS = 70;

  /** A parser that is fed by the piece stops soon where there are too many parts. */
  private static final int PIECE_BYTES = 64 << 10;

  private final Set<String> files;
  private final Message.Builder message;
  private final ObjectNode fields = JsonNodeFactory.instance.objectNode();
  private final List<FormFile> found = new ArrayList<>();

  private FormBody(Set<String> files, Message.Builder message) {
    this.files = files;
    this.message = message;
  }

  /**
   * Reads the body of {@code request}: parts called as one of {@code files}, an appended "[]"
   * notwithstanding, are files, all others fields of {@code message}.
   *
   * @param loop of the request, on which all of it is parsed
   * @return the files in order
   * @throws HttpFailureException if it is no such form, or has too many parts, or a field is
   *     unknown, given twice, or of another type
   */
  static List<FormFile> read(
      AggregatedHttpRequest request,
      Set<String> files,
      Message.Builder message,
      EventExecutor loop) {
    FormBody body = new FormBody(files, message);
    parts(request, loop).forEach(body::take);
    JsonFields.merge(body.fields, message);
    return body.found;
  }

  private static List<AggregatedBodyPart> parts(AggregatedHttpRequest request, EventExecutor loop) {
    checkType(request);
    AtomicInteger count = new AtomicInteger();
    try {
      return Multipart.from(HttpRequest.of(request.headers(), pieces(request.content())))
          .collect(part -> {
            if (count.incrementAndGet() > MAX_PARTS) {
              throw invalid("more than " + MAX_PARTS + " parts (expected: at most so many)");
            }
            // Left to itself a part is read on another thread than the one that parses.
            return part.aggregate(loop);
          })
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof HttpFailureException refused) {
        throw refused;
      }
      if (e.getCause() instanceof MimeParsingException malformed) {
        throw invalid(malformed.getMessage() + " (expected: parts between boundaries)");
      }
      throw e;
    }
  }

  private static HttpData[] pieces(HttpData content) {
    byte[] bytes = content.array();
    HttpData[] pieces = new HttpData[Math.ceilDiv(bytes.length, PIECE_BYTES)];
    for (int i = 0; i < pieces.length; i++) {
      int from = i * PIECE_BYTES;
      pieces[i] = HttpData.wrap(bytes, from, Math.min(PIECE_BYTES, bytes.length - from));
    }
    return pieces;
  }

  private static void checkType(AggregatedHttpRequest request) {
    MediaType type = request.contentType();
    String boundary = type == null ? null : boundary(type);
    if (boundary == null || boundary.isEmpty() || boundary.length() > MAX_BOUNDARY_CHARS) {
      throw new HttpFailureException(
          415,
          "UNSUPPORTED_MEDIA_TYPE",
          "content-type: "
              + (type == null ? "absent" : type)
              + " (expected: multipart/form-data with a boundary of 1.."
              + MAX_BOUNDARY_CHARS
              + " characters)");
    }
  }

  private static @Nullable String boundary(MediaType type) {
    List<String> boundaries = type.parameters().getOrDefault("boundary", List.of());
    return type.is(MediaType.MULTIPART_FORM_DATA) && boundaries.size() == 1
        ? boundaries.getFirst()
        : null;
  }

  private void take(AggregatedBodyPart part) {
    String given = part.name();
    if (given == null) {
      throw invalid("a part without a name (expected: content-disposition: form-data; name=…)");
    }
    String name = given.endsWith("[]") ? given.substring(0, given.length() - 2) : given;
    if (files.contains(name)) {
      ByteString bytes = UnsafeByteOperations.unsafeWrap(part.content().array());
      found.add(new FormFile(name, bytes));
    } else if (fields.has(given)) {
      throw HttpFailureException.invalid(given, "given twice", "once");
    } else {
      put(given, part.content());
    }
  }

  private void put(String name, HttpData content) {
    if (content.length() > MAX_FIELD_BYTES) {
      throw HttpFailureException.invalid(
          name, content.length() + " bytes", "at most " + MAX_FIELD_BYTES);
    }
    ByteString bytes = UnsafeByteOperations.unsafeWrap(content.array());
    if (!bytes.isValidUtf8()) {
      throw HttpFailureException.invalid(name, "not UTF-8", "text in UTF-8");
    }
    String text = bytes.toStringUtf8();
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
    boolean isFlag = field != null && field.getJavaType() == FieldDescriptor.JavaType.BOOLEAN;
    if (isFlag && (text.equals("true") || text.equals("false"))) {
      fields.put(name, text.equals("true"));
    } else {
      fields.put(name, text);
    }
  }

  private static HttpFailureException invalid(String why) {
    return new HttpFailureException(400, "INVALID_FORM", "body: " + why);
  }
}
