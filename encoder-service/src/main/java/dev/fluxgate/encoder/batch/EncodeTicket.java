package dev.fluxgate.encoder.batch;

import dev.fluxgate.encoder.embed.PromptEmbeds;
import java.util.concurrent.CompletableFuture;

/** One caller's claim on an encoding; several callers of the same may share it unknowingly. */
public final class EncodeTicket {
  private final CompletableFuture<PromptEmbeds> result;
  private final Runnable leave;

  EncodeTicket(CompletableFuture<PromptEmbeds> result, Runnable leave) {
    this.result = result;
    this.leave = leave;
  }

  /**
   * Waits for the embeds.
   *
   * @throws java.util.concurrent.CancellationException after {@link #cancel}
   * @throws java.util.concurrent.CompletionException with the reason inside, if encoding failed or
   *     the batcher was closed before it began
   */
  public PromptEmbeds await() {
    return result.join();
  }

  /**
   * Gives the claim up: nothing is computed for it, unless it is already or others want the same.
   * Later calls, and calls after the end, do nothing.
   */
  public void cancel() {
    if (result.cancel(false)) {
      leave.run();
    }
  }
}
