package dev.fluxgate.denoiser.model;

import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ModelFolder;

/**
 * What a model must close: weights before the files that they may lie in.
 *
 * @param transformer its checkpoint
 * @param vae its checkpoint
 * @param store weights prepared from both
 */
record ModelFiles(Checkpoint transformer, Checkpoint vae, WeightStore store)
    implements AutoCloseable {

  /** Opens the checkpoints; takes over {@code store}, also if it fails. */
  static ModelFiles open(ModelFolder folder, WeightStore store) {
    Checkpoint transformer = null;
    Checkpoint vae = null;
    try {
      transformer = Checkpoint.open(folder.component("transformer"));
      vae = Checkpoint.open(folder.component("vae"));
      return new ModelFiles(transformer, vae, store);
    } finally {
      if (vae == null) {
        store.close();
        if (transformer != null) {
          transformer.close();
        }
      }
    }
  }

  @Override
  public void close() {
    store.close();
    transformer.close();
    vae.close();
  }
}
