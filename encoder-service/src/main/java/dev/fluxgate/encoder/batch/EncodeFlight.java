package dev.fluxgate.encoder.batch;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.token.PromptTokens;
import java.util.concurrent.CompletableFuture;

/** One encoding that is asked for, by one caller or by several. Guarded by its batcher's lock. */
final class EncodeFlight {
  /**
   * What makes two encodings the same.
   *
   * @param tokens of the prompt, padding included
   * @param layers to be stacked
   */
  record Key(PromptTokens tokens, OutputLayers layers) {
    /** Whether both fit into one batch. */
    boolean fits(Key other) {
      return tokens.fits(other.tokens) && layers.equals(other.layers);
    }
  }

  private final Key key;
  private final CompletableFuture<PromptEmbeds> result = new CompletableFuture<>();
  private int callers;

  EncodeFlight(Key key) {
    this.key = key;
  }

  Key key() {
    return key;
  }

  CompletableFuture<PromptEmbeds> result() {
    return result;
  }

  int callers() {
    return callers;
  }

  void join() {
    callers++;
  }

  /** Whether nobody waits any more. */
  boolean leave() {
    callers--;
    return callers == 0;
  }
}
