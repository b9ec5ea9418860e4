package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.tensor.HostTensor;

/** A model computed what is no number: most often a weight of its checkpoint is none. */
public final class NonFiniteResultException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  private NonFiniteResultException(String message) {
    super(message);
  }

  /**
   * Does nothing if every element of {@code result} is finite.
   *
   * @param what as it stands in the message: "latents", "pixels"
   * @throws NonFiniteResultException with the number of those that are not
   */
  public static void check(String what, HostTensor result) {
    long bad = 0;
    long count = result.shape().count();
    for (long i = 0; i < count; i++) {
      if (!Float.isFinite(result.get(i))) {
        bad++;
      }
    }
    if (bad > 0) {
      throw new NonFiniteResultException(
          what
              + ": "
              + bad
              + " of "
              + count
              + " values are not finite (expected: none; a weight of the checkpoint or a prompt"
              + " embed may be damaged)");
    }
  }
}
