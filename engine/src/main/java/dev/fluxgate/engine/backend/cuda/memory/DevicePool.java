package dev.fluxgate.engine.backend.cuda.memory;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import dev.fluxgate.engine.backend.cuda.driver.CudaOutOfMemoryException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Blocks of device memory, kept for reuse by size. Everything of a context happens in order, so
 * that a block may be used again while the device still works on what it held. Confined to the
 * device thread.
 */
public final class DevicePool {
  private static final long SMALL_STEP = 512;
  private static final long LARGE_STEP = 2 << 20;
  private static final long LARGE = 1 << 20;

  private final CudaContext context;
  private final DeviceLedger ledger;
  private final Map<Long, Deque<Long>> free = new HashMap<>();

  /** An empty pool that reports to {@code ledger}. */
  public DevicePool(CudaContext context, DeviceLedger ledger) {
    this.context = context;
    this.ledger = ledger;
  }

  /**
   * A block of {@code bytes}, its contents undefined.
   *
   * @throws CudaOutOfMemoryException if there is not so much, with what there is
   */
  public DeviceBlock acquire(long bytes) {
    long capacity = capacity(bytes);
    Deque<Long> kept = free.get(capacity);
    long address;
    if (kept == null || kept.isEmpty()) {
      address = allocate(capacity);
    } else {
      address = kept.pop();
      ledger.pool(-capacity);
    }
    ledger.use(capacity);
    return new DeviceBlock(address, bytes, capacity);
  }

  /** Keeps {@code block} for reuse; enqueued work may still use it. */
  public void release(DeviceBlock block) {
    free.computeIfAbsent(block.capacity(), _ -> new ArrayDeque<>()).push(block.address());
    ledger.release(block.capacity());
    ledger.pool(block.capacity());
  }

  /** Gives the driver all blocks that are kept for reuse. */
  public void trim() {
    for (Map.Entry<Long, Deque<Long>> kept : free.entrySet()) {
      while (!kept.getValue().isEmpty()) {
        context.free(kept.getValue().pop());
        ledger.pool(-kept.getKey());
      }
    }
    free.clear();
  }

  /** Forgets all blocks that are kept for reuse: the device is lost and they with it. */
  public void forget() {
    ledger.pool(-ledger.pooledBytes());
    free.clear();
  }

  /** Bytes taken for {@code bytes}: exact where they are few, so that an overrun is one. */
  static long capacity(long bytes) {
    long step = bytes < LARGE ? SMALL_STEP : LARGE_STEP;
    return Math.max(Math.ceilDiv(bytes, step) * step, step);
  }

  private long allocate(long capacity) {
    long pooled = ledger.pooledBytes();
    try {
      long address = tryTwice(capacity);
      ledger.allocate();
      return address;
    } catch (CudaOutOfMemoryException e) {
      CudaContext.Memory memory = context.memory();
      throw new CudaOutOfMemoryException(
          "device memory: %d bytes wanted, %d of %d free (expected: enough); in use here %d in %d"
                  .formatted(
                      capacity,
                      memory.freeBytes(),
                      memory.totalBytes(),
                      ledger.liveBytes(),
                      ledger.liveBlocks())
              + " blocks, kept for reuse and given back in vain %d".formatted(pooled),
          e);
    }
  }

  private long tryTwice(long capacity) {
    try {
      return context.allocate(capacity);
    } catch (CudaOutOfMemoryException e) {
      if (ledger.pooledBytes() == 0) {
        throw e;
      }
    }
    trim();
    return context.allocate(capacity);
  }
}
