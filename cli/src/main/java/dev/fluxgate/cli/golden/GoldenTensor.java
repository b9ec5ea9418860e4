package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;

/**
 * A tensor that a case declares.
 *
 * @param name with its role in front: "in.", "mid." or "out."
 * @param dtype element type
 * @param shape extents
 * @param tolerance how far ours may be off
 */
public record GoldenTensor(String name, DType dtype, Shape shape, Tolerance tolerance) {

  /** Whether ours must be made for the case to pass. */
  public boolean isOutput() {
    return name.startsWith("out.");
  }
}
