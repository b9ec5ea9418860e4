package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.tensor.Tensor;

/** Takes the hidden states of a forward pass, one by one, in order. */
@FunctionalInterface
public interface HiddenStateSink {

  /**
   * Called once the ops that write the state are enqueued. The memory is overwritten by the next
   * layer: who wants to keep it enqueues a copy.
   *
   * @param index 0 for the token embedding, i for the output of layer i − 1; the last one has gone
   *     through the final norm
   * @param hiddenStates (B·L, D)
   */
  void accept(int index, Tensor hiddenStates);
}
