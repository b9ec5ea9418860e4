package dev.fluxgate.gateway.input;

/** An input finds no room beside those that jobs need. */
public final class InputStoreFullException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InputStoreFullException(long size, long used, long most) {
    super(
        "input: "
            + size
            + " bytes beside "
            + used
            + " that are in use (expected: at most "
            + most
            + " together)");
  }
}
