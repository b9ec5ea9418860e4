package dev.fluxgate.denoiser.job;

import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One lease and what it is for.
 *
 * @param lease the right to work on it
 * @param drawing what to draw
 * @param prompt embeds of the prompt
 * @param negative embeds of the negative prompt; null where nothing guides by it
 * @param inputs what else to fetch
 * @param shapes what all of it is before it is fetched; null: that is not told
 * @param timeLeft until the job expires; null: never
 * @param traceId ties the log lines of one request together
 */
public record DenoiseJob(
    Lease lease,
    Drawing drawing,
    Text prompt,
    @Nullable Text negative,
    InputRefs inputs,
    DrawingInputs.@Nullable Shapes shapes,
    @Nullable Duration timeLeft,
    String traceId) {

  /**
   * Embeds of one prompt.
   *
   * @param embeds of its tokens
   * @param pooled of it as a whole; null where the model takes none
   */
  public record Text(EmbeddingRef embeds, @Nullable EmbeddingRef pooled) {}
}
