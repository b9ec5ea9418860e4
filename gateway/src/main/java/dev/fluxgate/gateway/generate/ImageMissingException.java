package dev.fluxgate.gateway.generate;

/** A picture that is not there, yet or any more. */
public final class ImageMissingException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean mayCome;

  /**
   * A picture that is not there.
   *
   * @param mayCome whether the job may still make it
   */
  public ImageMissingException(String message, boolean mayCome) {
    super(message);
    this.mayCome = mayCome;
  }

  /** Whether the job may still make it. */
  public boolean mayCome() {
    return mayCome;
  }
}
