package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;

/** Sees intermediate tensors by name, for comparison with a reference; off by default. */
@FunctionalInterface
public interface StageProbe {

  /** Called once the ops that write {@code tensor} are enqueued; must not write it. */
  void observe(String stage, Tensor tensor);

  /** Called with what is known before any op, such as positions of tokens and noise levels. */
  default void observe(String stage, float[] values) {}

  /** Sees nothing. */
  StageProbe NONE = (stage, tensor) -> {};
}
