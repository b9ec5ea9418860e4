package dev.fluxgate.engine.checkpoint;

import java.nio.file.Path;

/** A file is not what its format demands: damaged, cut, or never of this format. */
public final class CheckpointCorruptException extends CheckpointException {
  private static final long serialVersionUID = 1;

  /**
   * Reads {@code file: where: found (expected: expected)}.
   *
   * @param where the tensor or field; empty for the file as a whole
   */
  CheckpointCorruptException(Path file, String where, String found, String expected) {
    super(
        file
            + ": "
            + (where.isEmpty() ? "" : printable(where) + ": ")
            + printable(found)
            + " (expected: "
            + expected
            + ")");
  }
}
