package dev.fluxgate.denoiser.pipeline;

/** The listener of a job asked it to stop. */
public final class DenoiseCancelledException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** Stopped after {@code done} of {@code steps} steps. */
  public DenoiseCancelledException(int done, int steps) {
    super("job: cancelled after " + done + " of " + steps + " steps");
  }
}
