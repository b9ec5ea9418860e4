package dev.fluxgate.encoder.model.clip;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Every activation of a forward pass over B sequences of L ids; M = B·L rows. Everything but ids
 * and positions is of the compute type.
 *
 * @param geometry B, L and the heads
 * @param ids int32 (M)
 * @param positions int32 (M)
 * @param hidden (M, D), the residual stream
 * @param normed (M, D)
 * @param query (M, D)
 * @param key (M, D)
 * @param value (M, D)
 * @param attended (M, D)
 * @param inner (M, F)
 * @param pooled (B, D)
 */
public record ClipActivations(
    AttentionGeometry geometry,
    Tensor ids,
    Tensor positions,
    Tensor hidden,
    Tensor normed,
    Tensor query,
    Tensor key,
    Tensor value,
    Tensor attended,
    Tensor inner,
    Tensor pooled) {

  /** Lays out the tensors for {@code batch} sequences of {@code length} ids. */
  static ClipActivations layOut(
      Workspace workspace, DType dtype, ClipParams params, int batch, int length) {
    int rows = Math.multiplyExact(batch, length);
    int heads = params.heads();
    Shape hidden = Shape.of(rows, params.hiddenSize());
    return new ClipActivations(
        new AttentionGeometry(batch, length, length, heads, heads, params.headDim()),
        workspace.tensor(DType.I32, Shape.of(rows)),
        workspace.tensor(DType.I32, Shape.of(rows)),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, Shape.of(rows, params.innerSize())),
        workspace.tensor(dtype, Shape.of(batch, params.hiddenSize())));
  }
}
