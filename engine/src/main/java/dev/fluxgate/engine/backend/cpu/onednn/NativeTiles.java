package dev.fluxgate.engine.backend.cpu.onednn;

import java.lang.foreign.MemorySegment;

/** A piece of native memory for every thread, kept from op to op, replaced when it is too small. */
public final class NativeTiles implements AutoCloseable {
  private final OneDnnEngine engine;
  private final MemorySegment[] tiles;
  private NativeScope scope;
  private long room;

  /** No memory yet for {@code workers} threads. */
  public NativeTiles(OneDnnEngine engine, int workers) {
    this.engine = engine;
    scope = engine.scope();
    tiles = new MemorySegment[workers];
  }

  /** Makes sure that every tile has {@code bytes} at least; contents are lost. */
  public void reserve(long bytes) {
    if (bytes <= room) {
      return;
    }
    scope.close();
    scope = engine.scope();
    room = bytes;
    for (int i = 0; i < tiles.length; i++) {
      tiles[i] = scope.allocate(bytes);
    }
  }

  /** The tile of a worker. */
  public MemorySegment of(int worker) {
    return tiles[worker];
  }

  @Override
  public void close() {
    scope.close();
  }
}
