package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Keys and values of some rows.
 *
 * @param keys (rows, Hkv·K), rotated
 * @param values (rows, Hkv·K)
 */
public record KeyValues(Tensor keys, Tensor values) {

  /** Lays out {@code rows} rows. */
  public static KeyValues layOut(
      Workspace workspace, DType dtype, DecoderLayer.Sizes sizes, int rows) {
    Shape shape = Shape.of(rows, sizes.keyWidth());
    return new KeyValues(workspace.tensor(dtype, shape), workspace.tensor(dtype, shape));
  }

  /** Rows {@code [from, from + count)}. */
  KeyValues rows(int from, int count) {
    return new KeyValues(keys.rows(from, count), values.rows(from, count));
  }
}
