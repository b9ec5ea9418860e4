package dev.fluxgate.engine.checkpoint;

import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A safetensors file, mapped into memory (formats spec §1): its tensors are views of the file and
 * live until it is closed. Nothing is read but the header before all of it is checked.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final int LENGTH_BYTES = 8;
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private final Path file;
  private final Arena arena;
  private final Map<String, HostTensor> tensors;
  private final Map<String, String> metadata;

  private SafetensorsFile(
      Path file, Arena arena, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    this.file = file;
    this.arena = arena;
    this.tensors = Collections.unmodifiableMap(tensors);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /**
   * Maps and checks {@code file}.
   *
   * @throws InvalidModelException if there is no such file
   * @throws CheckpointCorruptException if it is no well-formed safetensors file
   */
  public static SafetensorsFile open(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          file, Files.exists(file) ? "not a file" : "no such file", "a safetensors file");
    }
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      SafetensorsFile result = read(file, arena, bytes);
      opened = true;
      return result;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(file + ": " + unreadable.getMessage(), unreadable);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /** The file itself. */
  public Path file() {
    return file;
  }

  /** Views of the data by name, in the order in which they lie in the file. */
  public Map<String, HostTensor> tensors() {
    return tensors;
  }

  /** The pairs of {@code __metadata__}. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Unmaps the file: its tensors must not be read any more. Closing twice is harmless. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private static SafetensorsFile read(Path file, Arena arena, MemorySegment bytes)
      throws IOException {
    long size = bytes.byteSize();
    if (size < LENGTH_BYTES) {
      throw new CheckpointCorruptException(
          file, "", size + " bytes", "at least 8, the length of the header");
    }
    long length = bytes.get(JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN), 0);
    if (length < 0 || length > MAX_HEADER_BYTES) {
      throw new CheckpointCorruptException(
          file, "header length", Long.toUnsignedString(length), "at most " + MAX_HEADER_BYTES);
    }
    if (length > size - LENGTH_BYTES) {
      throw new CheckpointCorruptException(
          file,
          "header length",
          Long.toString(length),
          "at most " + (size - LENGTH_BYTES) + ", the rest of the file");
    }
    SafetensorsHeader header;
    try (Reader json = text(bytes.asSlice(LENGTH_BYTES, length))) {
      header = SafetensorsHeader.parse(file, json);
    }
    MemorySegment data = bytes.asSlice(LENGTH_BYTES + length);
    return new SafetensorsFile(file, arena, views(file, header.entries(), data), header.metadata());
  }

  /** Rules 6 to 9 of formats spec §1.3: the tensors tile the data without gap or overlap. */
  private static Map<String, HostTensor> views(
      Path file, List<TensorEntry> entries, MemorySegment data) {
    List<TensorEntry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
    Map<String, HostTensor> views = new LinkedHashMap<>();
    long position = 0;
    for (TensorEntry entry : sorted) {
      if (entry.begin() != position || entry.end() < entry.begin()) {
        throw new CheckpointCorruptException(
            file, entry.name(), entry.offsets(), "to begin at " + position + " and end after it");
      }
      if (entry.end() > data.byteSize()) {
        throw new CheckpointCorruptException(
            file,
            entry.name(),
            entry.offsets(),
            "to end within the " + data.byteSize() + " bytes of data");
      }
      Shape shape = entry.checkedShape(file);
      MemorySegment view = data.asSlice(position, entry.end() - position);
      views.put(entry.name(), new HostTensor(entry.dtype(), shape, view));
      position = entry.end();
    }
    if (position != data.byteSize()) {
      throw new CheckpointCorruptException(
          file, "", data.byteSize() + " bytes of data", position + ", the end of the last tensor");
    }
    return views;
  }

  private static Reader text(MemorySegment segment) {
    return new InputStreamReader(
        new SegmentStream(segment.asByteBuffer()), StandardCharsets.UTF_8.newDecoder());
  }

  /** The header's bytes in place: a header may be 100 MB, of which nothing is copied. */
  private static final class SegmentStream extends InputStream {
    private final ByteBuffer bytes;

    SegmentStream(ByteBuffer bytes) {
      this.bytes = bytes;
    }

    @Override
    public int read() {
      return bytes.hasRemaining() ? bytes.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (!bytes.hasRemaining()) {
        return length == 0 ? 0 : -1;
      }
      int count = Math.min(length, bytes.remaining());
      bytes.get(target, offset, count);
      return count;
    }
  }
}
