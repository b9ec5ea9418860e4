package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import dev.fluxgate.engine.backend.cuda.driver.CudaException;
import dev.fluxgate.engine.backend.cuda.driver.CudaFunction;
import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;
import dev.fluxgate.engine.backend.cuda.driver.Launch;
import dev.fluxgate.engine.backend.cuda.kernel.KernelImages;
import dev.fluxgate.engine.backend.cuda.kernel.LoadedKernels;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.backend.cuda.memory.DeviceLedger;
import dev.fluxgate.engine.backend.cuda.memory.DevicePool;
import dev.fluxgate.engine.backend.cuda.memory.DeviceRows;
import dev.fluxgate.engine.backend.cuda.memory.PinnedStaging;
import dev.fluxgate.engine.backend.cuda.thread.DeviceThread;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all ops of one back end share: a device with its thread, memory and kernels. Methods may be
 * called by any thread; what they ask for happens on the thread of the device.
 */
final class CudaDevice {
  private static final Logger LOG = LoggerFactory.getLogger(CudaDevice.class);

  /** Ops that may wait for the device thread: some blocks of a transformer. */
  private static final int QUEUE = 1024;

  private final int ordinal;
  private final boolean twins;
  private final DeviceThread thread;
  private final DeviceLedger ledger = new DeviceLedger();
  private final Parts parts;

  /**
   * Opens a device.
   *
   * @param ordinal its number, as the driver counts
   * @param stagingBytes of each staging buffer
   * @param twins whether every op runs on its naive kernel
   */
  CudaDevice(int ordinal, long stagingBytes, boolean twins) {
    this.ordinal = ordinal;
    this.twins = twins;
    thread = new DeviceThread("cuda-" + ordinal, QUEUE);
    boolean opened = false;
    try {
      parts = thread.call(() -> Parts.open(ordinal, stagingBytes, ledger));
      opened = true;
    } finally {
      if (!opened) {
        thread.close(() -> {});
      }
    }
  }

  /** What belongs to the device thread. */
  private record Parts(
      CudaContext context,
      KernelImages images,
      LoadedKernels kernels,
      DevicePool pool,
      PinnedStaging staging) {

    static Parts open(int ordinal, long stagingBytes, DeviceLedger ledger) {
      CudaContext context = CudaContext.open(ordinal);
      try {
        KernelImages images = KernelImages.of(context.properties());
        return new Parts(
            context,
            images,
            new LoadedKernels(context, images),
            new DevicePool(context, ledger),
            new PinnedStaging(context, stagingBytes));
      } catch (CudaException | DeviceMemoryException | BackendLostException e) {
        letGo(context, e);
        throw e;
      }
    }

    /** Resets a device only if it is lost: others of this process may be using it. */
    private static void letGo(CudaContext context, RuntimeException reason) {
      try {
        if (reason instanceof BackendLostException) {
          context.abandon();
        } else {
          context.close();
        }
      } catch (CudaException | DeviceMemoryException | BackendLostException e) {
        reason.addSuppressed(e);
      }
    }

    /** In the reverse order of opening; what a lost device held is gone with it. */
    void close(boolean lost) {
      boolean closed = false;
      if (!lost) {
        try {
          context.synchronize();
          staging.close();
          pool.trim();
          kernels.unload();
          context.close();
          closed = true;
        } catch (CudaException | DeviceMemoryException | BackendLostException e) {
          LOG.warn("cuda: the device is reset, for closing failed", e);
        }
      }
      if (!closed) {
        pool.forget();
        try {
          context.abandon();
        } catch (CudaException | DeviceMemoryException | BackendLostException e) {
          LOG.warn("cuda: the device could not be reset", e);
        }
      }
    }
  }

  /** Its number, as the driver counts. */
  int ordinal() {
    return ordinal;
  }

  /** Bytes of its memory that nobody has taken. */
  long freeBytes() {
    return thread.call(() -> parts.context().memory().freeBytes());
  }

  DeviceProperties properties() {
    return parts.context().properties();
  }

  /** Kind of the images that the kernels come from. */
  String imageKind() {
    return parts.images().kind();
  }

  DeviceLedger ledger() {
    return ledger;
  }

  boolean isLost() {
    return thread.isLost();
  }

  /** Enqueues a launch, or one of its twin. */
  void launch(KernelCall call) {
    if (!twins) {
      enqueue(call);
    } else if (call.kernel().isTwin()) {
      throw new IllegalArgumentException("kernel: " + call.kernel() + " (expected: no twin)");
    } else {
      call.kernel().twin().ifPresent(twin -> enqueue(twin == call.kernel() ? call : call.on(twin)));
    }
  }

  private void enqueue(KernelCall call) {
    thread.enqueue(() -> {
      CudaFunction function = parts.kernels().function(call.kernel());
      parts
          .context()
          .launch(
              new Launch(
                  function, call.grid(), call.sharedBytes(), call.argument(), call.operands()));
    });
  }

  /** Waits for everything that is enqueued. */
  void synchronize() {
    thread.call(() -> {
      parts.context().synchronize();
      return null;
    });
  }

  /** Device memory of {@code bytes}, its contents undefined. */
  DeviceBlock acquire(long bytes) {
    return thread.call(() -> parts.pool().acquire(bytes));
  }

  /** Gives blocks back once what is enqueued has used them, whatever failed before. */
  void release(List<DeviceBlock> blocks) {
    if (!blocks.isEmpty()) {
      thread.always(() -> blocks.forEach(parts.pool()::release));
    }
  }

  /** Copies an array to the device; returns once it has been read. */
  void upload(DeviceRows target, long step, PinnedStaging.Source source) {
    thread.call(() -> {
      parts.staging().upload(target, step, source);
      return null;
    });
  }

  /** Copies an array from the device once everything enqueued is done. */
  void download(DeviceRows source, PinnedStaging.Sink sink) {
    thread.call(() -> {
      parts.staging().download(source, sink);
      return null;
    });
  }

  /** Frees everything and ends the thread. Closing twice is harmless. */
  void close() {
    Throwable kept = thread.takeFailure();
    if (kept != null) {
      LOG.warn("cuda: an op failed before the back end was closed", kept);
    }
    thread.close(() -> parts.close(thread.isLost()));
  }
}
