package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.engine.tensor.Tensor;

/**
 * One run of a transformer over all N pictures of a job, one after the other; a step has a positive
 * pass, and with true guidance a negative one.
 */
public interface TransformerPass {

  /** Predicts the velocity of every picture at step {@code step}. */
  void forward(int step);

  /** (N·S, C), what the pass gives. */
  Tensor velocity();
}
