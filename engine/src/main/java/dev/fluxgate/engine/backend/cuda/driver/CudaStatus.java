package dev.fluxgate.engine.backend.cuda.driver;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What a call of the driver gave, a {@code CUresult}: nothing said, or an exception that tells. */
final class CudaStatus {
  private static final int SUCCESS = 0;
  private static final int OUT_OF_MEMORY = 2;

  private CudaStatus() {}

  /**
   * Checks the status of {@code call}.
   *
   * @throws CudaException or one of its kinds, naming the call, its arguments and the error
   */
  static void check(int status, String call, Object... arguments) {
    if (status != SUCCESS) {
      throw failure(status, call, arguments);
    }
  }

  /** The exception that tells of {@code status}, which is no success. */
  static RuntimeException failure(int status, String call, Object... arguments) {
    String message =
        Arrays.stream(arguments)
            .map(String::valueOf)
            .collect(Collectors.joining(", ", call + "(", "): " + text(status)));
    if (isFatal(status)) {
      return new CudaDeviceLostException(message);
    }
    if (status == OUT_OF_MEMORY) {
      return new CudaOutOfMemoryException(message);
    }
    return call.equals(DriverCalls.LAUNCH)
        ? new CudaLaunchException(message)
        : new CudaException(message);
  }

  /** Name, number and explanation of {@code status}. */
  static String text(int status) {
    String name = DriverCalls.text(DriverCalls.ERROR_NAME, status);
    String explanation = DriverCalls.text(DriverCalls.ERROR_STRING, status);
    return "%s (%d), %s (expected: success)".formatted(name, status, explanation);
  }

  /** Whether nothing in the context can be used any more. */
  private static boolean isFatal(int status) {
    return switch (status) {
      // The driver shuts down; the device is not available; the context is no context.
      case 4, 46, 201 -> true;
      // Uncorrectable errors of memory and links.
      case 214, 220, 226 -> true;
      // Illegal address, timeout, context destroyed, assertion, and what else a kernel may do.
      case 700, 702, 709, 710, 714, 715, 716, 717, 718, 719 -> true;
      // The driver knows no more: as a rule the device has fallen off the bus.
      case 999 -> true;
      default -> false;
    };
  }
}
