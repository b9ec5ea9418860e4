package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * The activations that M rows need in a layer, whatever sequences they belong to: all but keys and
 * values.
 *
 * <p>Everything is of the compute type, the residual stream and the angles too, and so rounded
 * wherever the reference rounds.
 *
 * @param cos (T, K/2) for T positions, after which they repeat
 * @param sin (T, K/2)
 * @param hidden (M, D), the residual stream
 * @param normed (M, D)
 * @param query (M, H·K)
 * @param attended (M, H·K)
 * @param gate (M, F)
 * @param inner (M, F)
 */
public record RowActivations(
    Tensor cos,
    Tensor sin,
    Tensor hidden,
    Tensor normed,
    Tensor query,
    Tensor attended,
    Tensor gate,
    Tensor inner) {

  /** Lays out the tensors for {@code rows} rows of {@code positions} positions. */
  public static RowActivations layOut(
      Workspace workspace, DType dtype, DecoderLayer.Sizes sizes, int rows, int positions) {
    Shape hidden = Shape.of(rows, sizes.hidden());
    Shape queries = Shape.of(rows, sizes.queryWidth());
    Shape inner = Shape.of(rows, sizes.inner());
    Shape angles = Shape.of(positions, sizes.headDim() / 2);
    return new RowActivations(
        workspace.tensor(dtype, angles),
        workspace.tensor(dtype, angles),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, hidden),
        workspace.tensor(dtype, queries),
        workspace.tensor(dtype, queries),
        workspace.tensor(dtype, inner),
        workspace.tensor(dtype, inner));
  }

  /** The first {@code count} rows, each of a position of its own. */
  RowActivations first(int count) {
    return new RowActivations(
        cos.rows(0, count),
        sin.rows(0, count),
        hidden.rows(0, count),
        normed.rows(0, count),
        query.rows(0, count),
        attended.rows(0, count),
        gate.rows(0, count),
        inner.rows(0, count));
  }
}
