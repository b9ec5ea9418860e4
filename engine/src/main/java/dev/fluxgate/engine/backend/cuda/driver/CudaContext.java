package dev.fluxgate.engine.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Collectors;
import jcuda.driver.CUcontext;
import jcuda.driver.CUctx_flags;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/**
 * The primary context of one device, with one stream, on which everything happens in order.
 * Confined to the thread that opened it; everything that copies or launches returns at once.
 */
public final class CudaContext {
  /** {@code CU_STREAM_NON_BLOCKING}: no waiting for the stream of others in this process. */
  private static final int NON_BLOCKING = 1;

  /** {@code CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING}. */
  private static final int SLEEPING_UNTIMED = 1 | 2;

  /** The most bytes that a kernel takes as its argument. */
  private static final int MAX_ARGUMENT_BYTES = 4096;

  /** How many launches are named when one of them turns out to have failed. */
  private static final int HISTORY = 4;

  private final CUdevice device;
  private final DeviceProperties properties;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment argument = arena.allocate(MAX_ARGUMENT_BYTES, 16);
  private final MemorySegment parameters = arena.allocate(ADDRESS);
  private final Deque<Launch> sinceLastWait = new ArrayDeque<>();
  private final long stream;

  private CudaContext(CUdevice device) {
    this.device = device;
    this.properties = CudaDevices.properties(device);
    parameters.set(ADDRESS, 0, argument);
    stream =
        DriverCalls.create(
            out -> (int) DriverCalls.STREAM_CREATE.invokeExact(out, NON_BLOCKING),
            "cuStreamCreate");
  }

  /**
   * Opens device {@code ordinal} on the current thread, which is the only one to use it.
   *
   * @throws CudaException if the driver refuses
   */
  public static CudaContext open(int ordinal) {
    CUdevice device = CudaDevices.get(ordinal);
    // Waiting threads sleep: a device is waited for during whole seconds.
    CudaStatus.check(
        JCudaDriver.cuDevicePrimaryCtxSetFlags(device, CUctx_flags.CU_CTX_SCHED_BLOCKING_SYNC),
        "cuDevicePrimaryCtxSetFlags",
        ordinal);
    CUcontext context = new CUcontext();
    CudaStatus.check(
        JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "cuDevicePrimaryCtxRetain", ordinal);
    boolean opened = false;
    try {
      CudaStatus.check(JCudaDriver.cuCtxSetCurrent(context), "cuCtxSetCurrent");
      CudaContext result = new CudaContext(device);
      opened = true;
      return result;
    } finally {
      if (!opened) {
        JCudaDriver.cuDevicePrimaryCtxRelease(device);
      }
    }
  }

  /** What the device is. */
  public DeviceProperties properties() {
    return properties;
  }

  /**
   * The memory of the device, of all processes together.
   *
   * @param freeBytes that nobody has taken
   * @param totalBytes that there are
   */
  public record Memory(long freeBytes, long totalBytes) {}

  /** How much memory the device has left. */
  public Memory memory() {
    long[] free = new long[1];
    long[] total = new long[1];
    CudaStatus.check(JCudaDriver.cuMemGetInfo(free, total), "cuMemGetInfo");
    return new Memory(free[0], total[0]);
  }

  /** A device pointer that tells its number. */
  private static final class Address extends CUdeviceptr {
    long number() {
      return getNativePointer();
    }
  }

  /**
   * Address of {@code bytes} of device memory.
   *
   * @throws CudaOutOfMemoryException if there is not so much in one piece
   */
  public long allocate(long bytes) {
    Address address = new Address();
    CudaStatus.check(JCudaDriver.cuMemAlloc(address, bytes), "cuMemAlloc", bytes + " bytes");
    return address.number();
  }

  /** Gives back what {@link #allocate} gave, once the device is done with it. */
  public void free(long address) {
    CudaStatus.check(
        JCudaDriver.cuMemFree(new CUdeviceptr().withByteOffset(address)),
        "cuMemFree",
        Long.toHexString(address));
  }

  /** Memory of the host that the device reads and writes by itself. */
  @SuppressWarnings("restricted") // The driver gave exactly so many bytes.
  public MemorySegment allocatePinned(long bytes) {
    long address =
        DriverCalls.create(
            out -> (int) DriverCalls.HOST_ALLOC.invokeExact(out, bytes, 0),
            "cuMemHostAlloc",
            bytes + " bytes");
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  /** Gives back what {@link #allocatePinned} gave. */
  public void freePinned(MemorySegment memory) {
    DriverCalls.run(
        () -> (int) DriverCalls.HOST_FREE.invokeExact(memory),
        "cuMemFreeHost",
        memory.byteSize() + " bytes");
  }

  /** Copies pinned memory to the device, later; it must stay as it is until then. */
  public void copyToDevice(long target, MemorySegment source) {
    DriverCalls.run(
        () ->
            (int) DriverCalls.COPY_TO_DEVICE.invokeExact(target, source, source.byteSize(), stream),
        "cuMemcpyHtoDAsync",
        source.byteSize() + " bytes",
        enqueued());
  }

  /** Copies from the device to pinned memory, later. */
  public void copyToHost(MemorySegment target, long source) {
    DriverCalls.run(
        () -> (int) DriverCalls.COPY_TO_HOST.invokeExact(target, source, target.byteSize(), stream),
        "cuMemcpyDtoHAsync",
        target.byteSize() + " bytes",
        enqueued());
  }

  /** A new event, which nothing waits for yet. */
  public long createEvent() {
    return DriverCalls.create(
        out -> (int) DriverCalls.EVENT_CREATE.invokeExact(out, SLEEPING_UNTIMED), "cuEventCreate");
  }

  /** Frees an event. */
  public void destroyEvent(long event) {
    DriverCalls.run(() -> (int) DriverCalls.EVENT_DESTROY.invokeExact(event), "cuEventDestroy");
  }

  /** Lets {@code event} happen once everything before is done. */
  public void record(long event) {
    DriverCalls.run(
        () -> (int) DriverCalls.EVENT_RECORD.invokeExact(event, stream), "cuEventRecord");
  }

  /** Waits until {@code event} has happened. */
  public void await(long event) {
    int status = DriverCalls.status(() -> (int) DriverCalls.EVENT_SYNCHRONIZE.invokeExact(event));
    CudaStatus.check(status, "cuEventSynchronize", enqueued());
  }

  /** Waits until everything is done. */
  public void synchronize() {
    int status = DriverCalls.status(() -> (int) DriverCalls.STREAM_SYNCHRONIZE.invokeExact(stream));
    CudaStatus.check(status, "cuStreamSynchronize", enqueued());
    sinceLastWait.clear();
  }

  /** Loads the kernels of an image: a cubin or the text of a PTX file. */
  public CudaModule load(String name, byte[] image) {
    return CudaModule.load(name, image);
  }

  /**
   * Starts a kernel, later.
   *
   * @throws CudaLaunchException if the driver refuses to
   */
  public void launch(Launch launch) {
    argument.copyFrom(launch.argument());
    int status = DriverCalls.launch(launch, stream, parameters);
    if (status != 0) {
      throw CudaStatus.failure(status, DriverCalls.LAUNCH, launch, enqueued());
    }
    if (sinceLastWait.size() == HISTORY) {
      sinceLastWait.removeFirst();
    }
    sinceLastWait.addLast(launch);
  }

  /** Frees the stream and lets go of the device. Memory and modules must have been freed. */
  public void close() {
    closeArena();
    DriverCalls.run(() -> (int) DriverCalls.STREAM_DESTROY.invokeExact(stream), "cuStreamDestroy");
    CudaStatus.check(JCudaDriver.cuDevicePrimaryCtxRelease(device), "cuDevicePrimaryCtxRelease");
  }

  /**
   * Lets go of a device that was lost, and frees everything of this process on it, so that it may
   * be opened anew.
   *
   * @throws CudaException if the driver cannot even do that
   */
  public void abandon() {
    closeArena();
    int reset = JCudaDriver.cuDevicePrimaryCtxReset(device);
    int released = JCudaDriver.cuDevicePrimaryCtxRelease(device);
    CudaStatus.check(reset, "cuDevicePrimaryCtxReset");
    CudaStatus.check(released, "cuDevicePrimaryCtxRelease");
  }

  private void closeArena() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  /** The last launches, one of which an error that comes late is about. */
  private Object enqueued() {
    return new Object() {
      @Override
      public String toString() {
        return sinceLastWait.isEmpty()
            ? "nothing launched since the last wait"
            : sinceLastWait.stream()
                .map(Launch::toString)
                .collect(Collectors.joining("; ", "last launches: ", ""));
      }
    };
  }
}
