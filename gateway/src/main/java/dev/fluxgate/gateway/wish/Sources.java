package dev.fluxgate.gateway.wish;

import dev.fluxgate.gateway.input.InputRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures and noise that a drawing begins with.
 *
 * @param images references in order, or the picture to start from
 * @param mask what to paint anew; null: everything
 * @param maskByOpacity whether the mask is transparent, and not white, where to paint anew
 * @param reference for what is painted into the mask
 * @param paddingMaskCrop pixels around the mask to crop to; null: no crop
 * @param strength how much is made anew; null: the pipeline's default
 * @param latents initial noise; null: it is drawn
 */
public record Sources(
    List<InputRef> images,
    @Nullable InputRef mask,
    boolean maskByOpacity,
    @Nullable InputRef reference,
    @Nullable Integer paddingMaskCrop,
    @Nullable Float strength,
    @Nullable InputRef latents) {
  /** Nothing but noise. */
  public static final Sources NONE = new Sources(List.of(), null, false, null, null, null, null);

  /** Copies the list. */
  public Sources {
    images = List.copyOf(images);
  }
}
