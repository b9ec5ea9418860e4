package dev.fluxgate.engine.checkpoint;

import dev.fluxgate.engine.tensor.Shape;

/** A checkpoint lacks a tensor that the model needs. */
public final class MissingWeightException extends CheckpointException {
  private static final long serialVersionUID = 1;

  /**
   * Names the checkpoint and the tensor.
   *
   * @param origin file or folder the tensor was looked for in
   */
  public MissingWeightException(String origin, String tensor, Shape expected) {
    super(origin + ": " + printable(tensor) + ": missing (expected: " + expected + ")");
  }
}
