package dev.fluxgate.encoder.embed;

/** The encoder computed infinities or not-a-numbers: its weights are broken, or overflow. */
public final class NonFiniteEmbedsException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** {@code count} of {@code total} values of {@code tensor} are not finite. */
  public NonFiniteEmbedsException(String tensor, long count, long total) {
    super(
        tensor
            + ": "
            + count
            + " of "
            + total
            + " values are not finite (expected: none; are the weights of the text encoder intact?)");
  }
}
