package dev.fluxgate.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files as the reference writer does (formats spec §1.4): wide types first, then
 * by name, the data 8-aligned. The file appears under its name only when it is complete.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int WINDOW_BYTES = 64 << 20;
  private static final int MAX_HEADER_BYTES = 100_000_000;

  private SafetensorsWriter() {}

  /**
   * Writes {@code tensors} and {@code metadata} to {@code file}, replacing what was there.
   *
   * @throws UncheckedIOException if the folder cannot be written to
   * @throws IllegalArgumentException if the header would be larger than a reader accepts
   */
  public static void write(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    List<Map.Entry<String, HostTensor>> ordered = new ArrayList<>(tensors.entrySet());
    // DType is declared in the order of the reference's types, narrow ones first.
    Comparator<Map.Entry<String, HostTensor>> byType =
        Comparator.comparing(entry -> entry.getValue().dtype());
    ordered.sort(byType.reversed().thenComparing(Map.Entry::getKey));
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException("file: " + file + " (expected: a file in a folder)");
    }
    try {
      byte[] header = header(ordered, metadata);
      Path part = Files.createTempFile(folder, "." + file.getFileName(), ".part");
      try {
        writeAll(part, header, ordered);
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException unwritable) {
      throw new UncheckedIOException(file + ": cannot be written: " + unwritable, unwritable);
    }
  }

  private static byte[] header(
      List<Map.Entry<String, HostTensor>> ordered, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> pair : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(pair.getKey(), pair.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (Map.Entry<String, HostTensor> entry : ordered) {
        HostTensor tensor = entry.getValue();
        long end = Math.addExact(begin, tensor.data().byteSize());
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", tensor.dtype().name());
        json.writeArrayFieldStart("shape");
        for (long dim : tensor.shape().dims()) {
          json.writeNumber(dim);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(begin);
        json.writeNumber(end);
        json.writeEndArray();
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    if (bytes.size() > MAX_HEADER_BYTES) {
      throw new IllegalArgumentException(
          "header: " + bytes.size() + " bytes (expected: at most " + MAX_HEADER_BYTES + ")");
    }
    return bytes.toByteArray();
  }

  private static void writeAll(
      Path part, byte[] header, List<Map.Entry<String, HostTensor>> ordered) throws IOException {
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(header.length).flip());
      writeFully(channel, ByteBuffer.wrap(header));
      for (Map.Entry<String, HostTensor> entry : ordered) {
        // A buffer holds at most 2 GiB; a tensor may be larger.
        MemorySegment data = entry.getValue().data();
        for (long from = 0; from < data.byteSize(); from += WINDOW_BYTES) {
          long count = Math.min(WINDOW_BYTES, data.byteSize() - from);
          writeFully(channel, data.asSlice(from, count).asByteBuffer());
        }
      }
      channel.force(true);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
