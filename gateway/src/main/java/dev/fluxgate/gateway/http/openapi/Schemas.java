package dev.fluxgate.gateway.http.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.fluxgate.gateway.http.route.Operation;
import java.util.List;

/** Descriptors of messages → schemas of their JSON, under {@code components}. */
final class Schemas {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final ObjectNode byName = JSON.objectNode();
  private final FieldComments comments = FieldComments.load();

  /** What was asked for so far, and what that needs. */
  ObjectNode all() {
    return byName;
  }

  /** A reference to the schema of a body that callers send: strict, and lenient with 64 bits. */
  ObjectNode request(Descriptor message) {
    return reference(message, true);
  }

  /** The schema of a form: the fields of a message, and files. */
  ObjectNode form(Descriptor fields, List<Operation.File> files) {
    var _ = reference(fields, true);
    ObjectNode form = byName.withObjectProperty(name(fields)).deepCopy();
    ObjectNode properties = form.withObjectProperty("properties");
    ArrayNode required = form.putArray("required");
    for (Operation.File file : files) {
      ObjectNode one = JSON.objectNode().put("type", "string").put("format", "binary");
      ObjectNode property = one;
      if (file.isRepeated()) {
        property = JSON.objectNode().put("type", "array");
        property.set("items", one);
      }
      properties.set(file.name(), describe(property, file.text()));
      if (file.isRequired()) {
        required.add(file.name());
      }
    }
    return form;
  }

  /** A reference to the schema of a body that callers get. */
  ObjectNode response(Descriptor message) {
    return reference(message, false);
  }

  private ObjectNode reference(Descriptor message, boolean isRequest) {
    String name = name(message);
    if (!byName.has(name)) {
      ObjectNode schema = byName.putObject(name).put("type", "object");
      describe(schema, comments.of(message));
      ObjectNode properties = schema.putObject("properties");
      for (FieldDescriptor field : message.getFields()) {
        properties.set(field.getJsonName(), property(field, isRequest));
      }
      if (isRequest) {
        schema.put("additionalProperties", false);
      }
    }
    return JSON.objectNode().put("$ref", "#/components/schemas/" + name);
  }

  private static String name(Descriptor message) {
    return message.getName().replaceFirst("^Rest", "");
  }

  private ObjectNode property(FieldDescriptor field, boolean isRequest) {
    ObjectNode one = value(field, isRequest);
    ObjectNode property = one;
    if (field.isRepeated()) {
      property = JSON.objectNode().put("type", "array");
      property.set("items", one);
    }
    return describe(property, comments.of(field));
  }

  private ObjectNode value(FieldDescriptor field, boolean isRequest) {
    ObjectNode schema = JSON.objectNode();
    return switch (field.getJavaType()) {
      case INT -> schema.put("type", "integer").put("format", "int32");
      case LONG -> {
        if (isRequest) {
          schema.putArray("type").add("integer").add("string");
        } else {
          schema.put("type", "string");
        }
        yield schema.put("format", "int64");
      }
      case FLOAT, DOUBLE -> schema.put("type", "number");
      case BOOLEAN -> schema.put("type", "boolean");
      case STRING, ENUM -> schema.put("type", "string");
      case BYTE_STRING -> schema.put("type", "string").put("contentEncoding", "base64");
      case MESSAGE -> message(field.getMessageType(), isRequest);
    };
  }

  private ObjectNode message(Descriptor message, boolean isRequest) {
    if (message.equals(Timestamp.getDescriptor())) {
      return JSON.objectNode().put("type", "string").put("format", "date-time");
    }
    // Anything of JSON; an empty schema says so.
    return message.equals(Value.getDescriptor())
        ? JSON.objectNode()
        : reference(message, isRequest);
  }

  private static ObjectNode describe(ObjectNode schema, String comment) {
    return comment.isEmpty() ? schema : schema.put("description", comment);
  }
}
