package dev.fluxgate.engine.backend.cpu.onednn;

/** A call to oneDNN failed: which, on what, and with which status. */
public final class OneDnnException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** {@code call} on {@code subject} gave {@code status}, a {@code dnnl_status_t}. */
  OneDnnException(String call, Object subject, int status) {
    super(call + " of " + subject + ": " + name(status) + " (expected: success)");
  }

  private static String name(int status) {
    return switch (status) {
      case 1 -> "out of memory";
      case 2 -> "invalid arguments";
      case 3 -> "unimplemented";
      case 4 -> "no implementation left";
      case 5 -> "runtime error";
      default -> "status " + status;
    };
  }
}
