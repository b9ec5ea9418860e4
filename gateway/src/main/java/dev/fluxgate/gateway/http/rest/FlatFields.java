package dev.fluxgate.gateway.http.rest;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;

/** Copies what two messages share: what the protocol nests is flat over HTTP. */
final class FlatFields {
  private FlatFields() {}

  /** Sets all fields of {@code to} that {@code from} has under the same name and type. */
  static void copy(Message from, Message.Builder to) {
    from.getAllFields()
        .forEach((field, value) -> {
          FieldDescriptor same = to.getDescriptorForType().findFieldByName(field.getName());
          if (same != null && isSameType(field, same)) {
            to.setField(same, value);
          }
        });
  }

  private static boolean isSameType(FieldDescriptor one, FieldDescriptor other) {
    return one.getType() == other.getType()
        && one.isRepeated() == other.isRepeated()
        && (one.getJavaType() != JavaType.MESSAGE
            || one.getMessageType().equals(other.getMessageType()));
  }
}
