package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Every activation of a forward pass over B sequences of L ids; M = B·L rows.
 *
 * @param geometry B, L and the heads
 * @param ids int32 (M)
 * @param rows what a layer needs, (M, ·) each
 * @param keyValues of one layer at a time, (M, Hkv·K)
 */
public record DecoderActivations(
    AttentionGeometry geometry, Tensor ids, RowActivations rows, KeyValues keyValues) {

  /** Lays out the tensors for {@code batch} sequences of {@code length} ids. */
  static DecoderActivations layOut(
      Workspace workspace, DType dtype, TextEncoderParams params, int batch, int length) {
    int rows = Math.multiplyExact(batch, length);
    return new DecoderActivations(
        new AttentionGeometry(
            batch, length, length, params.heads(), params.keyValueHeads(), params.headDim()),
        workspace.tensor(DType.I32, Shape.of(rows)),
        RowActivations.layOut(workspace, dtype, params.layer(), rows, length),
        KeyValues.layOut(workspace, dtype, params.layer(), rows));
  }

  /** The residual stream, (M, D). */
  public Tensor hidden() {
    return rows.hidden();
  }
}
