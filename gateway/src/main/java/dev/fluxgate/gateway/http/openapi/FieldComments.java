package dev.fluxgate.gateway.http.openapi;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The comments of messages and fields, which generated classes have forgotten. */
final class FieldComments {
  private static final String RESOURCE = "/dev/fluxgate/v1/fluxgate.protoset";

  private final Map<String, String> byName = new HashMap<>();

  private FieldComments() {}

  /** Those of our protocol. */
  static FieldComments load() {
    FieldComments comments = new FieldComments();
    try (InputStream in = FieldComments.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new FileNotFoundException(RESOURCE);
      }
      FileDescriptorSet.parseFrom(in).getFileList().forEach(comments::read);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return comments;
  }

  private void read(FileDescriptorProto file) {
    Map<List<Integer>, String> byPath = new HashMap<>();
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      byPath.put(location.getPathList(), location.getLeadingComments());
    }
    for (int i = 0; i < file.getMessageTypeCount(); i++) {
      DescriptorProto message = file.getMessageType(i);
      String name = file.getPackage() + "." + message.getName();
      List<Integer> path = List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i);
      put(name, byPath.get(path));
      for (int j = 0; j < message.getFieldCount(); j++) {
        List<Integer> fieldPath =
            List.of(path.get(0), path.get(1), DescriptorProto.FIELD_FIELD_NUMBER, j);
        put(name + "." + message.getField(j).getName(), byPath.get(fieldPath));
      }
    }
  }

  private void put(String name, @Nullable String comment) {
    if (comment != null) {
      byName.put(name, comment.strip().replaceAll("\\s*\n\\s*", " "));
    }
  }

  /** What a message is; empty if nobody said. */
  String of(Descriptor message) {
    return byName.getOrDefault(message.getFullName(), "");
  }

  /** What a field is; empty if nobody said. */
  String of(FieldDescriptor field) {
    return byName.getOrDefault(field.getFullName(), "");
  }
}
