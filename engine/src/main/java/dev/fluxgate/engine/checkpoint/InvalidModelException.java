package dev.fluxgate.engine.checkpoint;

import java.nio.file.Path;

/** A model folder, or a configuration file in it, is not one that can be used. */
public final class InvalidModelException extends CheckpointException {
  private static final long serialVersionUID = 1;

  /** Reads {@code where: found (expected: expected)}. */
  public InvalidModelException(Path where, String found, String expected) {
    super(where + ": " + printable(found) + " (expected: " + expected + ")");
  }
}
