package dev.fluxgate.engine.backend.library;

/** A native library is not on the class path; the message says which. */
public final class MissingLibraryException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  MissingLibraryException(String message) {
    super(message);
  }
}
