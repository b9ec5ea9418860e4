package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.tensor.Tensor;

/** Replaces token embeddings by others, as those of a picture. */
@FunctionalInterface
public interface EmbeddingOverlay {
  /** Replaces none. */
  EmbeddingOverlay NONE = (_, _, _) -> {};

  /**
   * Enqueues the copies into some rows of a sequence.
   *
   * @param first position of the first row
   * @param embeddings (M, D), the token embeddings
   */
  void apply(Backend backend, int first, Tensor embeddings);
}
