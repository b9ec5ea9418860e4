package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** The deepest level of either half: residual block, attention, residual block. */
final class MidBlock {
  private final ResnetBlock first;
  private final @Nullable SpatialAttention attention;
  private final ResnetBlock second;
  private final StageProbe probe;

  MidBlock(Backend backend, VaeWeights weights, StageProbe probe) {
    first = new ResnetBlock(backend, weights.midFirst());
    attention =
        weights.attention() == null ? null : new SpatialAttention(backend, weights.attention());
    second = new ResnetBlock(backend, weights.midSecond());
    this.probe = probe;
  }

  /** x: (B, h, w, C), the stream → (B, h, w, C), the stream. */
  Tensor forward(Tensor x, FeatureMaps maps) {
    Tensor y = first.forward(x, maps);
    if (attention != null) {
      attention.forward(y, maps);
      probe.observe("mid_attention", y);
    }
    Tensor z = second.forward(y, maps);
    probe.observe("mid", z);
    return z;
  }
}
