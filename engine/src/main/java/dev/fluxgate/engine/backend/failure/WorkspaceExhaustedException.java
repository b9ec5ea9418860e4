package dev.fluxgate.engine.backend.failure;

/** More tensors were laid out than the plan had counted: a plan and its use have drifted apart. */
public final class WorkspaceExhaustedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /** {@code wantedBytes} were asked for where {@code plannedBytes} had been planned. */
  public WorkspaceExhaustedException(long wantedBytes, long plannedBytes) {
    super(
        "workspace: "
            + wantedBytes
            + " bytes (expected: at most the planned "
            + plannedBytes
            + ")");
  }
}
