package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Every activation of a forward pass over B sequences of L ids; M = B·L rows. Everything but the
 * ids is of the compute type.
 *
 * @param geometry B, L and the heads; T5 does not scale its logits
 * @param ids int32 (M)
 * @param bias (H·L, L)
 * @param hidden (M, D), the residual stream
 * @param normed (M, D)
 * @param query (M, H·K)
 * @param key (M, H·K)
 * @param value (M, H·K)
 * @param attended (M, H·K)
 * @param gate (M, F)
 * @param inner (M, F)
 */
public record T5Activations(
    AttentionGeometry geometry,
    Tensor ids,
    Tensor bias,
    Tensor hidden,
    Tensor normed,
    Tensor query,
    Tensor key,
    Tensor value,
    Tensor attended,
    Tensor gate,
    Tensor inner) {

  /** Lays out the tensors for {@code batch} sequences of {@code length} ids. */
  static T5Activations layOut(
      Workspace workspace, DType dtype, T5Params params, int batch, int length) {
    int rows = Math.multiplyExact(batch, length);
    int heads = params.heads();
    Shape hidden = Shape.of(rows, params.hiddenSize());
    Shape features = Shape.of(rows, (long) heads * params.headDim());
    Shape inner = Shape.of(rows, params.innerSize());
    return new T5Activations(
        new AttentionGeometry(batch, length, length, heads, heads, params.headDim()).withScale(1),
        workspace.tensor(DType.I32, Shape.of(rows)),
        workspace.tensor(dtype, Shape.of((long) heads * length, length)),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, features),
        workspace.tensor(dtype, features),
        workspace.tensor(dtype, features),
        workspace.tensor(dtype, features),
        workspace.tensor(dtype, inner),
        workspace.tensor(dtype, inner));
  }
}
