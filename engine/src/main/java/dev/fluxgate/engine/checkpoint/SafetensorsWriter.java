package dev.fluxgate.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
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
   * A tensor whose bytes are made while they are written.
   *
   * @param name in the file
   * @param dtype of its elements
   * @param shape of it
   * @param bytes gives them, in order and in pieces
   */
  public record Content(String name, DType dtype, Shape shape, Bytes bytes) {
    private static Content of(Map.Entry<String, HostTensor> entry) {
      HostTensor tensor = entry.getValue();
      return new Content(
          entry.getKey(),
          tensor.dtype(),
          tensor.shape(),
          (offset, piece) -> piece.copyFrom(tensor.data().asSlice(offset, piece.byteSize())));
    }

    /** Bytes in the file. */
    public long size() {
      return dtype.bytes(shape.count());
    }
  }

  /** The bytes of a tensor. */
  @FunctionalInterface
  public interface Bytes {
    /** Fills {@code piece} with the bytes from {@code offset} of the tensor on. */
    void fill(long offset, MemorySegment piece);
  }

  /**
   * Writes {@code tensors} and {@code metadata} to {@code file}, replacing what was there.
   *
   * @throws UncheckedIOException if the folder cannot be written to
   * @throws IllegalArgumentException if the header would be larger than a reader accepts
   */
  public static void write(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    write(file, tensors.entrySet().stream().map(Content::of).toList(), metadata);
  }

  /**
   * Writes {@code contents}, of which only a piece is in memory at any time.
   *
   * @throws UncheckedIOException if the folder cannot be written to
   * @throws IllegalArgumentException if the header would be larger than a reader accepts
   */
  public static void write(Path file, List<Content> contents, Map<String, String> metadata) {
    List<Content> ordered = new ArrayList<>(contents);
    // DType is declared in the order of the reference's types, narrow ones first.
    Comparator<Content> byType = Comparator.comparing(Content::dtype);
    ordered.sort(byType.reversed().thenComparing(Content::name));
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

  private static byte[] header(List<Content> ordered, Map<String, String> metadata)
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
      for (Content tensor : ordered) {
        long end = Math.addExact(begin, tensor.size());
        json.writeObjectFieldStart(tensor.name());
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

  private static void writeAll(Path part, byte[] header, List<Content> ordered) throws IOException {
    long largest = ordered.stream().mapToLong(Content::size).max().orElse(0);
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE);
        Arena arena = Arena.ofShared()) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(header.length).flip());
      writeFully(channel, ByteBuffer.wrap(header));
      // A buffer holds at most 2 GiB; a tensor may be larger.
      MemorySegment window = arena.allocate(Math.min(WINDOW_BYTES, largest), ALIGNMENT);
      for (Content tensor : ordered) {
        for (long from = 0; from < tensor.size(); from += WINDOW_BYTES) {
          MemorySegment piece = window.asSlice(0, Math.min(WINDOW_BYTES, tensor.size() - from));
          tensor.bytes().fill(from, piece);
          writeFully(channel, piece.asByteBuffer());
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
