package dev.fluxgate.encoder.generate;

import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;

/** Watches a generation, token by token. */
@FunctionalInterface
public interface StepSink {
  /** Sees nothing. */
  StepSink NONE = (_, _) -> {};

  /**
   * Called once a token of every row is to be chosen.
   *
   * @param logits of each row, (1, V), as the model gave them
   * @param scores of each row, (V), −∞ where a token may not be chosen; the logits as float32 where
   *     nothing is drawn
   */
  void accept(List<HostTensor> logits, List<float[]> scores);
}
