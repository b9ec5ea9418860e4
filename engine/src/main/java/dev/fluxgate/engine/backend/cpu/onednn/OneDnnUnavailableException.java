package dev.fluxgate.engine.backend.cpu.onednn;

/** oneDNN cannot be used on this machine; the message says why. */
public final class OneDnnUnavailableException extends UnsupportedOperationException {
  private static final long serialVersionUID = 1L;

  /** oneDNN cannot be used because of {@code reason}. */
  public OneDnnUnavailableException(String reason) {
    super(reason);
  }
}
