package dev.fluxgate.denoiser.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a job fetches beside embeddings.
 *
 * @param images references, or the picture to start from
 * @param mask null: none
 * @param reference for what is painted into the mask; null: none
 * @param latents initial noise; null: it is drawn
 */
public record InputRefs(
    List<InputRef> images,
    @Nullable InputRef mask,
    @Nullable InputRef reference,
    @Nullable EmbeddingRef latents) {
  /** Nothing. */
  public static final InputRefs NONE = new InputRefs(List.of(), null, null, null);

  /** Copies the list. */
  public InputRefs {
    images = List.copyOf(images);
  }
}
