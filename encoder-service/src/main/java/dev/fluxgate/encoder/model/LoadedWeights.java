package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.util.function.BiFunction;

/**
 * The weights of an encoder and what they lie in, which it owns.
 *
 * @param checkpoint mapped
 * @param store what was prepared of it
 * @param weights as the encoder asks for them
 */
public record LoadedWeights<W>(Checkpoint checkpoint, WeightStore store, W weights)
    implements AutoCloseable {

  /**
   * Opens the checkpoint of a component folder.
   *
   * @param read makes the weights; if it fails, all is closed
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the checkpoint is broken
   */
  public static <W> LoadedWeights<W> load(
      Path folder,
      Backend backend,
      DType computeType,
      BiFunction<Checkpoint, WeightStore, W> read) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    WeightStore store = backend.weights(computeType);
    boolean complete = false;
    try {
      W weights = read.apply(checkpoint, store);
      complete = true;
      return new LoadedWeights<>(checkpoint, store, weights);
    } finally {
      if (!complete) {
        store.close();
        checkpoint.close();
      }
    }
  }

  /** Frees the weights and unmaps the checkpoint. Closing twice is harmless. */
  @Override
  public void close() {
    store.close();
    checkpoint.close();
  }
}
