package dev.fluxgate.engine.backend.cpu.onednn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Owner of native objects and blocks, freed together, the youngest first. Not thread-safe. */
public final class NativeScope implements AutoCloseable {
  /** {@code DNNL_MAX_NDIMS}: every array of extents has so many places. */
  private static final int MAX_DIMENSIONS = 12;

  /** {@code dnnl_format_tag_any}: the library chooses. */
  private static final int TAG_ANY = 1;

  private static final long ALIGNMENT = 64;

  private final NativeLedger ledger;
  private final Deque<Owned> objects = new ArrayDeque<>();
  private @Nullable Arena blocks;
  private int blockCount;

  private record Owned(OneDnnCalls.Kind kind, MemorySegment handle) {}

  /** An empty scope that reports to {@code ledger}. */
  public NativeScope(NativeLedger ledger) {
    this.ledger = ledger;
  }

  /** A block of {@code bytes}, aligned to a cache line. */
  public MemorySegment allocate(long bytes) {
    if (blocks == null) {
      blocks = Arena.ofShared();
    }
    MemorySegment block = blocks.allocate(Math.max(bytes, ALIGNMENT), ALIGNMENT);
    blockCount++;
    ledger.take();
    return block;
  }

  /** Elements of {@code type} at these extents and strides, both in elements. */
  public Descriptor strided(OneDnnType type, long[] extents, long[] strides) {
    String subject = type + " " + Arrays.toString(extents) + " by " + Arrays.toString(strides);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dims = dimensions(arena, extents);
      MemorySegment steps = dimensions(arena, strides);
      return new Descriptor(
          create(
              OneDnnCalls.Kind.DESCRIPTOR,
              "dnnl_memory_desc_create_with_strides",
              subject,
              out ->
                  (int)
                      OneDnnCalls.DESCRIPTOR_STRIDED.invokeExact(
                          out, extents.length, dims, type.code(), steps)));
    }
  }

  /** Elements of {@code type} at these extents, in whatever layout suits the primitive best. */
  public Descriptor anyLayout(OneDnnType type, long... extents) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment dims = dimensions(arena, extents);
      return new Descriptor(
          create(
              OneDnnCalls.Kind.DESCRIPTOR,
              "dnnl_memory_desc_create_with_tag",
              type + " " + Arrays.toString(extents),
              out ->
                  (int)
                      OneDnnCalls.DESCRIPTOR_TAGGED.invokeExact(
                          out, extents.length, dims, type.code(), TAG_ANY)));
    }
  }

  /** A row-major matrix whose rows are {@code stride} elements apart. */
  public Descriptor matrix(OneDnnType type, long rows, long columns, long stride) {
    return strided(type, new long[] {rows, columns}, new long[] {stride, 1});
  }

  Descriptor copy(MemorySegment descriptor) {
    return new Descriptor(
        create(
            OneDnnCalls.Kind.DESCRIPTOR,
            "dnnl_memory_desc_clone",
            "descriptor",
            out -> (int) OneDnnCalls.DESCRIPTOR_CLONE.invokeExact(out, descriptor)));
  }

  MemorySegment create(
      OneDnnCalls.Kind kind, String call, Object subject, OneDnnCalls.Creation creation) {
    MemorySegment handle = OneDnnCalls.create(call, subject, creation);
    objects.push(new Owned(kind, handle));
    ledger.take();
    return handle;
  }

  static MemorySegment dimensions(Arena arena, long... values) {
    MemorySegment dims = arena.allocate(JAVA_LONG, MAX_DIMENSIONS);
    MemorySegment.copy(values, 0, dims, JAVA_LONG, 0, values.length);
    return dims;
  }

  /** Frees everything. Closing twice is harmless. */
  @Override
  public void close() {
    ledger.giveBack(objects.size() + blockCount);
    blockCount = 0;
    while (!objects.isEmpty()) {
      Owned owned = objects.pop();
      owned.kind.destroy(owned.handle);
    }
    if (blocks != null) {
      blocks.close();
      blocks = null;
    }
  }
}
