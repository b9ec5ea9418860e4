package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * The activations of a range of tokens, one row a token. D width, F width of the MLP.
 *
 * @param stream (rows, D), residual stream, updated in place
 * @param normed (rows, D), normed and modulated input of a branch
 * @param q (rows, D), queries
 * @param k (rows, D), keys
 * @param v (rows, D), values
 * @param gate (rows, F), activated half of the gated MLP
 * @param branches (rows, D + F), what the branches of a single block give, side by side
 * @param attended (rows, D), first columns of {@code branches}: output of the attention
 * @param hidden (rows, F), last columns of {@code branches}: product in the gated MLP
 * @param rope angles of the tokens
 */
record TokenRows(
    Tensor stream,
    Tensor normed,
    Tensor q,
    Tensor k,
    Tensor v,
    Tensor gate,
    Tensor branches,
    Tensor attended,
    Tensor hidden,
    RotaryTable rope) {

  /** Tokens {@code [from, from + count)} of these. */
  TokenRows rows(int from, int count) {
    return new TokenRows(
        stream.rows(from, count),
        normed.rows(from, count),
        q.rows(from, count),
        k.rows(from, count),
        v.rows(from, count),
        gate.rows(from, count),
        branches.rows(from, count),
        attended.rows(from, count),
        hidden.rows(from, count),
        rope.rows(from, count));
  }
}
