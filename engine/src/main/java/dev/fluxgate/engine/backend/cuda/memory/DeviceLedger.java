package dev.fluxgate.engine.backend.cuda.memory;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the device memory of one back end, so that a leak or a growth shows. Thread-safe. */
public final class DeviceLedger {
  private final AtomicLong liveBlocks = new AtomicLong();
  private final AtomicLong liveBytes = new AtomicLong();
  private final AtomicLong pooledBytes = new AtomicLong();
  private final AtomicLong allocations = new AtomicLong();

  /** Blocks in use. */
  public long liveBlocks() {
    return liveBlocks.get();
  }

  /** Bytes of the blocks in use, rounded up as they are taken. */
  public long liveBytes() {
    return liveBytes.get();
  }

  /** Bytes kept for reuse. */
  public long pooledBytes() {
    return pooledBytes.get();
  }

  /** Blocks taken from the driver so far. */
  public long allocations() {
    return allocations.get();
  }

  void allocate() {
    allocations.incrementAndGet();
  }

  void use(long bytes) {
    liveBlocks.incrementAndGet();
    liveBytes.addAndGet(bytes);
  }

  void release(long bytes) {
    liveBlocks.decrementAndGet();
    liveBytes.addAndGet(-bytes);
  }

  void pool(long bytes) {
    pooledBytes.addAndGet(bytes);
  }
}
