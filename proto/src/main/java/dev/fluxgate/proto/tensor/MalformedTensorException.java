package dev.fluxgate.proto.tensor;

/** A header or a chunk that cannot be what a sender of this contract sends. */
public final class MalformedTensorException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MalformedTensorException(String message) {
    super(message);
  }
}
