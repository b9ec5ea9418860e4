package dev.fluxgate.denoiser.picture;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a drawing is made from.
 *
 * @param prompt embeds of the prompt
 * @param negative embeds of what to steer away from; null where nothing does
 * @param images files of references, or of the picture to start from
 * @param mask file of a mask; null: none
 * @param reference file of a reference for what is painted into the mask; null: none
 * @param latents initial noise; null: it is drawn
 */
@SuppressWarnings("ArrayRecordComponent") // Passed on once, never compared.
public record DrawingInputs(
    Text prompt,
    @Nullable Text negative,
    List<byte[]> images,
    byte @Nullable [] mask,
    byte @Nullable [] reference,
    @Nullable HostTensor latents) {

  /**
   * Embeds of one prompt.
   *
   * @param embeds (L, text width) or (1, L, text width)
   * @param pooled (pooled width) or (1, pooled width); null where the model takes none
   */
  public record Text(HostTensor embeds, @Nullable HostTensor pooled) {}

  /**
   * What is known of them before they are fetched, and all that memory depends on.
   *
   * @param promptTokens L of the prompt's embeds
   * @param negativeTokens L of the negative embeds; 0: there are none
   * @param images sizes of the pictures, in order
   * @param mask its size; null: none
   * @param reference its size; null: none
   */
  public record Shapes(
      int promptTokens,
      int negativeTokens,
      List<Size> images,
      @Nullable Size mask,
      @Nullable Size reference) {
    /** Copies the list. */
    public Shapes {
      images = List.copyOf(images);
    }
  }

  /** Copies the list. */
  public DrawingInputs {
    images = List.copyOf(images);
  }

  /** Embeds alone. */
  public static DrawingInputs of(HostTensor prompt, @Nullable HostTensor negative) {
    return new DrawingInputs(
        new Text(prompt, null),
        negative == null ? null : new Text(negative, null),
        List.of(),
        null,
        null,
        null);
  }

  /** The same with files of pictures. */
  public DrawingInputs withImages(List<byte[]> images) {
    return new DrawingInputs(prompt, negative, images, mask, reference, latents);
  }
}
