package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.Tensor;

/** The last norm of either half, with its activation: silu(norm(x)). */
final class OutputNorm {
  private final Backend backend;
  private final GroupNorm weights;
  private final StageProbe probe;

  OutputNorm(Backend backend, GroupNorm weights, StageProbe probe) {
    this.backend = backend;
    this.weights = weights;
    this.probe = probe;
  }

  /** x: (B, h, w, C), the stream → (B, h, w, C), an operand. */
  Tensor forward(Tensor x, FeatureMaps maps) {
    Tensor normed = maps.operand(x.shape());
    if (!probe.equals(StageProbe.NONE)) {
      // Without its activation it is stored nowhere, so it is computed once more to be seen.
      backend.groupNorm(x, weights, Epilogue.NONE, normed);
      probe.observe("norm_out", normed);
    }
    backend.groupNorm(x, weights, Epilogue.SILU, normed);
    return normed;
  }
}
