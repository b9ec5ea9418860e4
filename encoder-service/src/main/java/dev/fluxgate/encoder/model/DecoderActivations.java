package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Every activation of a forward pass over B sequences of L ids; M = B·L rows.
 *
 * <p>Everything but the ids is of the compute type, the residual stream and the angles too, and so
 * rounded wherever the reference rounds.
 *
 * @param geometry B, L and the heads
 * @param ids int32 (M)
 * @param cos (L, K/2)
 * @param sin (L, K/2)
 * @param hidden (M, D), the residual stream
 * @param normed (M, D)
 * @param query (M, H·K)
 * @param key (M, Hkv·K)
 * @param value (M, Hkv·K)
 * @param attended (M, H·K)
 * @param gate (M, F)
 * @param inner (M, F)
 */
public record DecoderActivations(
    AttentionGeometry geometry,
    Tensor ids,
    Tensor cos,
    Tensor sin,
    Tensor hidden,
    Tensor normed,
    Tensor query,
    Tensor key,
    Tensor value,
    Tensor attended,
    Tensor gate,
    Tensor inner) {

  /** Lays out the tensors for {@code batch} sequences of {@code length} ids. */
  static DecoderActivations layOut(
      Workspace workspace, DType dtype, TextEncoderParams params, int batch, int length) {
    int rows = Math.multiplyExact(batch, length);
    Shape hidden = Shape.of(rows, params.hiddenSize());
    Shape queries = Shape.of(rows, (long) params.heads() * params.headDim());
    Shape keys = Shape.of(rows, (long) params.keyValueHeads() * params.headDim());
    Shape inner = Shape.of(rows, params.intermediateSize());
    Shape angles = Shape.of(length, params.headDim() / 2);
    return new DecoderActivations(
        new AttentionGeometry(
            batch, length, length, params.heads(), params.keyValueHeads(), params.headDim()),
        workspace.tensor(DType.I32, Shape.of(rows)),
        workspace.tensor(dtype, angles),
        workspace.tensor(dtype, angles),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, queries),
        workspace.tensor(dtype, keys),
        workspace.tensor(dtype, keys),
        workspace.tensor(dtype, queries),
        workspace.tensor(dtype, inner),
        workspace.tensor(dtype, inner));
  }
}
