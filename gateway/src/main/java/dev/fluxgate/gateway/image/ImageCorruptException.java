package dev.fluxgate.gateway.image;

/** The bytes of a picture are not those that were announced. */
public final class ImageCorruptException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ImageCorruptException(String message) {
    super(message);
  }
}
