package dev.fluxgate.engine.tensor;

import java.lang.foreign.MemorySegment;

/** Where the bytes of a tensor lie. Only back ends look inside. */
public sealed interface Storage {

  /** Number of bytes. */
  long byteSize();

  /**
   * Memory of the host, owned by whoever allocated it.
   *
   * @param segment the bytes
   */
  record Host(MemorySegment segment) implements Storage {
    @Override
    public long byteSize() {
      return segment.byteSize();
    }
  }

  /**
   * Memory of a device, owned by the back end that took it. Addresses of all devices of a process
   * differ from each other and from those of the host.
   *
   * @param address of the first byte
   * @param byteSize how many bytes
   */
  record Device(long address, long byteSize) implements Storage {}

  /**
   * No memory yet: a place in a plan, which only counts.
   *
   * @param byteSize how many bytes there will be
   */
  record Planned(long byteSize) implements Storage {}
}
