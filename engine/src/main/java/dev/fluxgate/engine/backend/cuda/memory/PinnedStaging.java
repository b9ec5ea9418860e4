package dev.fluxgate.engine.backend.cuda.memory;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import java.lang.foreign.MemorySegment;

/**
 * Two buffers of pinned host memory through which everything goes to the device and back: while the
 * device copies one, the host fills or reads the other, so that arrays of any size pass through,
 * and the driver never reads a mapped file by itself. Confined to the device thread.
 */
public final class PinnedStaging {
  /** Bytes of one buffer where nothing else is said: a millisecond of the bus. */
  public static final long BUFFER_BYTES = 16 << 20;

  private final CudaContext context;
  private final MemorySegment memory;
  private final MemorySegment[] buffers = new MemorySegment[2];
  private final long[] events = new long[2];
  private int next;

  /** Buffers of {@code bufferBytes} each. */
  public PinnedStaging(CudaContext context, long bufferBytes) {
    this.context = context;
    memory = context.allocatePinned(2 * bufferBytes);
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = memory.asSlice(i * bufferBytes, bufferBytes);
      events[i] = context.createEvent();
    }
  }

  /** Where a piece of an array comes from. */
  @FunctionalInterface
  public interface Source {
    /** Writes the bytes from {@code offset} of the array to all of {@code target}. */
    void read(long offset, MemorySegment target);
  }

  /** Where a piece of an array goes. */
  @FunctionalInterface
  public interface Sink {
    /** Takes all of {@code source} as the bytes from {@code offset} of the array. */
    void write(long offset, MemorySegment source);
  }

  /**
   * Copies an array to the device. Returns once it has been read; the device may still copy.
   *
   * @param step a multiple of this many bytes is asked of {@code source} at once
   */
  public void upload(DeviceRows target, long step, Source source) {
    if (target.isContiguous()) {
      upload(target.address(), target.byteSize(), step, 0, source);
    } else if (target.rowBytes() > buffers[0].byteSize()) {
      for (long row = 0; row < target.rows(); row++) {
        upload(target.address(row), target.rowBytes(), step, row * target.rowBytes(), source);
      }
    } else {
      uploadSpaced(target, source);
    }
  }

  /** Copies an array from the device, after everything enqueued before. Waits for it. */
  public void download(DeviceRows source, Sink sink) {
    if (source.isContiguous()) {
      download(source.address(), source.byteSize(), 0, sink);
    } else if (source.rowBytes() > buffers[0].byteSize()) {
      for (long row = 0; row < source.rows(); row++) {
        download(source.address(row), source.rowBytes(), row * source.rowBytes(), sink);
      }
    } else {
      downloadSpaced(source, sink);
    }
    context.synchronize();
  }

  /** Frees the buffers; nothing may be under way. */
  public void close() {
    for (long event : events) {
      context.destroyEvent(event);
    }
    context.freePinned(memory);
  }

  private void upload(long target, long bytes, long step, long from, Source source) {
    long most = buffers[0].byteSize() / step * step;
    if (most == 0) {
      throw new IllegalArgumentException(
          "staging: rows of %d bytes (expected: at most the %d of a buffer)"
              .formatted(step, buffers[0].byteSize()));
    }
    for (long done = 0; done < bytes; done += most) {
      int buffer = idle();
      MemorySegment piece = buffers[buffer].asSlice(0, Math.min(most, bytes - done));
      source.read(from + done, piece);
      context.copyToDevice(target + done, piece);
      context.record(events[buffer]);
    }
  }

  /** Row by row, for the driver: rare, and then of few rows. */
  private void uploadSpaced(DeviceRows target, Source source) {
    long width = target.rowBytes();
    long most = buffers[0].byteSize() / width;
    for (long first = 0; first < target.rows(); first += most) {
      long count = Math.min(most, target.rows() - first);
      int buffer = idle();
      MemorySegment piece = buffers[buffer].asSlice(0, count * width);
      source.read(first * width, piece);
      for (long row = 0; row < count; row++) {
        context.copyToDevice(target.address(first + row), piece.asSlice(row * width, width));
      }
      context.record(events[buffer]);
    }
  }

  private void download(long source, long bytes, long to, Sink sink) {
    long most = buffers[0].byteSize();
    int waiting = -1;
    for (long done = 0; done < bytes; done += most) {
      int buffer = idle();
      context.copyToHost(buffers[buffer].asSlice(0, Math.min(most, bytes - done)), source + done);
      context.record(events[buffer]);
      if (waiting >= 0) {
        take(waiting, to + done - most, most, sink);
      }
      waiting = buffer;
    }
    if (waiting >= 0) {
      long last = (bytes - 1) / most * most;
      take(waiting, to + last, bytes - last, sink);
    }
  }

  private void downloadSpaced(DeviceRows source, Sink sink) {
    long width = source.rowBytes();
    long most = buffers[0].byteSize() / width;
    for (long first = 0; first < source.rows(); first += most) {
      long count = Math.min(most, source.rows() - first);
      int buffer = idle();
      for (long row = 0; row < count; row++) {
        context.copyToHost(
            buffers[buffer].asSlice(row * width, width), source.address(first + row));
      }
      context.record(events[buffer]);
      take(buffer, first * width, count * width, sink);
    }
  }

  /** The buffer after the last one, once the device is done with it. */
  private int idle() {
    int buffer = next;
    next = 1 - next;
    context.await(events[buffer]);
    return buffer;
  }

  private void take(int buffer, long offset, long bytes, Sink sink) {
    context.await(events[buffer]);
    sink.write(offset, buffers[buffer].asSlice(0, bytes));
  }
}
