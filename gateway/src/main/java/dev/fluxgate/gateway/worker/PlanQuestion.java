package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.input.PictureHeader;
import dev.fluxgate.gateway.job.GenerationParameters;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that is not accepted yet, with all that decides what a worker needs for it.
 *
 * @param parameters what would be drawn
 * @param promptTokens token positions of the prompt embeds
 * @param negativeTokens of the negative prompt embeds; 0: none will come
 * @param images the pictures that go in, in order
 * @param mask null: none
 * @param reference for what is painted into the mask; null: none
 */
public record PlanQuestion(
    GenerationParameters parameters,
    int promptTokens,
    int negativeTokens,
    List<PictureHeader> images,
    @Nullable PictureHeader mask,
    @Nullable PictureHeader reference) {
  /** Copies the list. */
  public PlanQuestion {
    images = List.copyOf(images);
  }
}
