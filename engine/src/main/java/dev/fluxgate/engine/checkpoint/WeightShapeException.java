package dev.fluxgate.engine.checkpoint;

import dev.fluxgate.engine.tensor.Shape;

/** A tensor of a checkpoint has another shape than the model's configuration demands. */
public final class WeightShapeException extends CheckpointException {
  private static final long serialVersionUID = 1;

  /**
   * Names the checkpoint, the tensor and both shapes.
   *
   * @param origin file or folder the tensor comes from
   */
  public WeightShapeException(String origin, String tensor, Shape actual, Shape expected) {
    super(
        origin + ": " + printable(tensor) + ": shape " + actual + " (expected: " + expected + ")");
  }
}
