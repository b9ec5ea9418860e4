package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** x += out(attention(q, k, v)) of the normed x: one head over all pixels (flux2 spec §4.2). */
final class SpatialAttention {
  private final Backend backend;
  private final VaeWeights.Attention weights;

  SpatialAttention(Backend backend, VaeWeights.Attention weights) {
    this.backend = backend;
    this.weights = weights;
  }

  /** x: (B, h, w, C), the stream, updated in place. */
  void forward(Tensor x, FeatureMaps maps) {
    int batch = x.shape().size(0);
    int rows = x.rows();
    int channels = x.columns();
    Tensor normed = maps.operand(x.shape());
    backend.groupNorm(x, weights.norm(), Epilogue.NONE, normed);
    Tensor qkv = maps.hidden(Shape.of(3L * rows, channels));
    Tensor q = qkv.rows(0, rows);
    Tensor k = qkv.rows(rows, rows);
    Tensor v = qkv.rows(2 * rows, rows);
    backend.linear(normed, weights.q().matrix(), weights.q().bias(), q);
    backend.linear(normed, weights.k().matrix(), weights.k().bias(), k);
    backend.linear(normed, weights.v().matrix(), weights.v().bias(), v);
    int pixels = rows / batch;
    AttentionGeometry geometry = new AttentionGeometry(batch, pixels, pixels, 1, 1, channels);
    backend.attention(q, k, v, geometry, AttentionMask.FULL, normed);
    backend.linear(normed, weights.out(), new Epilogue.Add(x), x);
  }
}
