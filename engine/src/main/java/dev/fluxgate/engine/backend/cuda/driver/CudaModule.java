package dev.fluxgate.engine.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/** Kernels of one image, loaded into the current context. Confined to the device thread. */
public final class CudaModule {
  private static final long LOG_BYTES = 16 << 10;

  /** {@code CU_JIT_ERROR_LOG_BUFFER} and {@code CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES}. */
  private static final int ERROR_LOG = 5;

  private static final int ERROR_LOG_SIZE = 6;

  /** {@code CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}. */
  private static final int MAX_SHARED = 8;

  /** Images are read in words, and text ends with a zero. */
  private static final long ALIGNMENT = 16;

  private final String name;
  private final long handle;

  private CudaModule(String name, long handle) {
    this.name = name;
    this.handle = handle;
  }

  /**
   * Loads an image: a cubin or the text of a PTX file.
   *
   * @throws CudaException with what the compiler of the driver says, if it refuses the image
   */
  static CudaModule load(String name, byte[] image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(image.length + 1L, ALIGNMENT);
      MemorySegment.copy(image, 0, bytes, JAVA_BYTE, 0, image.length);
      MemorySegment log = arena.allocate(LOG_BYTES);
      MemorySegment options = arena.allocateFrom(JAVA_INT, ERROR_LOG, ERROR_LOG_SIZE);
      MemorySegment values = arena.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES);
      MemorySegment out = arena.allocate(ADDRESS);
      int status =
          DriverCalls.status(
              () -> (int) DriverCalls.MODULE_LOAD.invokeExact(out, bytes, 2, options, values));
      if (status != 0) {
        String told = log.getString(0).strip();
        throw CudaStatus.failure(
            status, "cuModuleLoadDataEx", name, told.isEmpty() ? "no log" : told);
      }
      return new CudaModule(name, out.get(JAVA_LONG, 0));
    }
  }

  /** The kernel of this name, made ready for blocks of {@code threads} and {@code sharedBytes}. */
  public CudaFunction function(String symbol, int threads, int sharedBytes) {
    long function;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(symbol);
      function =
          DriverCalls.create(
              out -> (int) DriverCalls.MODULE_FUNCTION.invokeExact(out, handle, text),
              "cuModuleGetFunction",
              name,
              symbol);
    }
    DriverCalls.run(
        () -> (int) DriverCalls.FUNCTION_ATTRIBUTE.invokeExact(function, MAX_SHARED, sharedBytes),
        "cuFuncSetAttribute",
        symbol,
        String.format(Locale.ROOT, "%d bytes shared", sharedBytes));
    return new CudaFunction(symbol, function, threads, sharedBytes);
  }

  /** Takes the kernels off the device. */
  public void unload() {
    DriverCalls.run(
        () -> (int) DriverCalls.MODULE_UNLOAD.invokeExact(handle), "cuModuleUnload", name);
  }
}
