package dev.fluxgate.cli.settings;

/** Settings that cannot be read or that nobody knows. */
public final class InvalidSettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a line that names the setting, where it stands, and what was expected. */
  public InvalidSettingsException(String message) {
    super(message);
  }
}
