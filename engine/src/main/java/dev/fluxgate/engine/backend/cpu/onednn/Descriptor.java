package dev.fluxgate.engine.backend.cpu.onednn;

import java.lang.foreign.MemorySegment;

/**
 * A {@code dnnl_memory_desc_t}: type, extents and layout of an array. Lives as long as the scope it
 * came from.
 *
 * @param handle the native object
 */
public record Descriptor(MemorySegment handle) {

  /** Bytes of an array of this layout, with its padding. */
  public long bytes() {
    return OneDnnCalls.size(handle);
  }
}
