package dev.fluxgate.denoiser.picture;

/** The work was given up because whoever gave it asked for that. */
public final class JobStoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Given up after {@code step} of {@code totalSteps}. */
  public JobStoppedException(int step, int totalSteps) {
    super("stopped after step " + step + " of " + totalSteps);
  }
}
