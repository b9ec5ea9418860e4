package dev.fluxgate.engine.backend.cuda.driver;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The functions of the driver (cuda.h) that JCuda lacks, or that it calls a hundred times slower
 * than the linker does. Handles and device addresses are longs; every status is checked here or by
 * the caller of a method that gives one.
 */
// invokeExact declares Throwable, although a downcall throws none; calling C is what this is for.
@SuppressWarnings({"IllegalCatch", "restricted"})
final class DriverCalls {
  /** Name of the call that starts a kernel. */
  static final String LAUNCH = "cuLaunchKernel";

  private static final Linker LINKER = Linker.nativeLinker();
  private static final long MAX_TEXT_BYTES = 1024;

  static final MethodHandle ERROR_NAME = bind("cuGetErrorName", JAVA_INT, ADDRESS);
  static final MethodHandle ERROR_STRING = bind("cuGetErrorString", JAVA_INT, ADDRESS);

  static final MethodHandle STREAM_CREATE = bind("cuStreamCreate", ADDRESS, JAVA_INT);
  static final MethodHandle STREAM_DESTROY = bind("cuStreamDestroy_v2", JAVA_LONG);
  static final MethodHandle STREAM_SYNCHRONIZE = bind("cuStreamSynchronize", JAVA_LONG);

  static final MethodHandle EVENT_CREATE = bind("cuEventCreate", ADDRESS, JAVA_INT);
  static final MethodHandle EVENT_DESTROY = bind("cuEventDestroy_v2", JAVA_LONG);
  static final MethodHandle EVENT_RECORD = bind("cuEventRecord", JAVA_LONG, JAVA_LONG);
  static final MethodHandle EVENT_SYNCHRONIZE = bind("cuEventSynchronize", JAVA_LONG);

  static final MethodHandle HOST_ALLOC = bind("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);
  static final MethodHandle HOST_FREE = bind("cuMemFreeHost", ADDRESS);
  static final MethodHandle COPY_TO_DEVICE =
      bind("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);
  static final MethodHandle COPY_TO_HOST =
      bind("cuMemcpyDtoHAsync_v2", ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  static final MethodHandle MODULE_LOAD =
      bind("cuModuleLoadDataEx", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);
  static final MethodHandle MODULE_UNLOAD = bind("cuModuleUnload", JAVA_LONG);
  static final MethodHandle MODULE_FUNCTION =
      bind("cuModuleGetFunction", ADDRESS, JAVA_LONG, ADDRESS);
  static final MethodHandle FUNCTION_ATTRIBUTE =
      bind("cuFuncSetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);
  private static final MethodHandle LAUNCH_KERNEL =
      bind(
          LAUNCH, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT,
          JAVA_LONG, ADDRESS, ADDRESS);

  private DriverCalls() {}

  /** A call that gives a status. */
  @FunctionalInterface
  interface StatusCall {
    int invoke() throws Throwable;
  }

  /** A call that writes a handle to {@code out} and gives a status. */
  @FunctionalInterface
  interface Creation {
    int into(MemorySegment out) throws Throwable;
  }

  /** The status that {@code call} gives. */
  static int status(StatusCall call) {
    try {
      return call.invoke();
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** Runs {@code call}, named {@code name} in errors, with {@code arguments}. */
  static void run(StatusCall call, String name, Object... arguments) {
    CudaStatus.check(status(call), name, arguments);
  }

  /** The handle that {@code call} writes. */
  static long create(Creation call, String name, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      run(() -> call.into(out), name, arguments);
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Starts a kernel; {@code parameters} holds one pointer for each parameter. */
  static int launch(Launch launch, long stream, MemorySegment parameters) {
    CudaFunction function = launch.function();
    Grid grid = launch.grid();
    try {
      return (int)
          LAUNCH_KERNEL.invokeExact(
              function.handle(),
              grid.x(),
              grid.y(),
              grid.z(),
              function.threads(),
              1,
              1,
              launch.sharedBytes(),
              stream,
              parameters,
              MemorySegment.NULL);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  /** What {@link #ERROR_NAME} or {@link #ERROR_STRING} says of {@code status}. */
  static String text(MethodHandle query, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      if ((int) query.invokeExact(status, out) != 0) {
        return "an error that the driver does not know";
      }
      return out.get(ADDRESS, 0).reinterpret(MAX_TEXT_BYTES).getString(0);
    } catch (Throwable e) {
      throw asUnchecked(e);
    }
  }

  private static RuntimeException asUnchecked(Throwable e) {
    return switch (e) {
      case RuntimeException unchecked -> unchecked;
      case Error error -> throw error;
      default -> new IllegalStateException(e);
    };
  }

  private static MethodHandle bind(String symbol, MemoryLayout... parameters) {
    return LINKER.downcallHandle(
        CudaLibrary.symbols()
            .find(symbol)
            .orElseThrow(
                () -> new CudaUnavailableException("cuda: no " + symbol + " in the driver")),
        FunctionDescriptor.of(JAVA_INT, parameters));
  }
}
