package dev.fluxgate.gateway.http.route;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.fluxgate.gateway.http.problem.HttpFailureException;
import dev.fluxgate.gateway.http.problem.Problem;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of an object of JSON → those of a flat message, one by one, so that all that is wrong
 * is told at once, each with its name.
 */
final class JsonFields {
  private static final int MAX_SHOWN_CHARS = 80;

  private final Message.Builder message;
  private final Set<FieldDescriptor> seen = new HashSet<>();
  private final List<Violation> violations = new ArrayList<>();

  private JsonFields(Message.Builder message) {
    this.message = message;
  }

  /**
   * Merges {@code object} into {@code message}; null is as good as absent.
   *
   * @throws HttpFailureException if any field is unknown, given twice, or of another type
   */
  static void merge(JsonNode object, Message.Builder message) {
    JsonFields fields = new JsonFields(message);
    object.properties().forEach(fields::merge);
    if (!fields.violations.isEmpty()) {
      throw new HttpFailureException(Problem.invalid(fields.violations));
    }
  }

  private void merge(Map.Entry<String, JsonNode> entry) {
    String name = entry.getKey();
    JsonNode value = entry.getValue();
    FieldDescriptor field = find(name);
    if (field == null) {
      String known =
          message.getDescriptorForType().getFields().stream()
              .map(FieldDescriptor::getJsonName)
              .collect(Collectors.joining(", "));
      violate(name, "unknown", "one of " + known);
    } else if (!seen.add(field)) {
      violate(name, "given twice", "once");
    } else if (!fits(field, value) || !parse(field, value)) {
      violate(name, shown(value), expected(field));
    } else if (value.isTextual() && !UTF_8.newEncoder().canEncode(value.textValue())) {
      violate(name, "half a surrogate pair", "Unicode text");
    }
  }

  private @Nullable FieldDescriptor find(String name) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.getJsonName().equals(name) || field.getName().equals(name)) {
        return field;
      }
    }
    return null;
  }

  /** Whether a value is of a type that the JSON reader would not bend into the field's. */
  private static boolean fits(FieldDescriptor field, JsonNode value) {
    if (value.isNull()) {
      return true;
    }
    if (field.isRepeated()) {
      return value.isArray();
    }
    return switch (field.getJavaType()) {
      case STRING -> value.isTextual();
      case BOOLEAN -> value.isBoolean();
      default -> true;
    };
  }

  private boolean parse(FieldDescriptor field, JsonNode value) {
    try {
      JsonFormat.parser().merge("{\"" + field.getName() + "\":" + value + "}", message);
      return true;
    } catch (InvalidProtocolBufferException e) {
      // The caller says which field it was, and what it takes.
      return false;
    }
  }

  private void violate(String name, String value, String expected) {
    String shown = shorten(name);
    violations.add(new Violation(shown, shown + ": " + value + " (expected: " + expected + ")"));
  }

  private static String shown(JsonNode value) {
    return shorten(value.toString());
  }

  private static String shorten(String text) {
    return text.length() <= MAX_SHOWN_CHARS ? text : text.substring(0, MAX_SHOWN_CHARS) + "…";
  }

  private static String expected(FieldDescriptor field) {
    String one =
        switch (field.getJavaType()) {
          case INT -> "a whole number of 32 bits";
          case LONG -> "a whole number of 64 bits";
          case FLOAT, DOUBLE -> "a number";
          case BOOLEAN -> "true or false";
          case STRING -> "a string";
          default -> field.getType().name();
        };
    return field.isRepeated() ? "an array, each " + one : one;
  }
}
