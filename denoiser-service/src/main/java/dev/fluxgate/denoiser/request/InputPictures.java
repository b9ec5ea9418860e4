package dev.fluxgate.denoiser.request;

import dev.fluxgate.image.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures that go in, as they were sent; a pipeline prepares them as its model wants them.
 *
 * @param references to look at while drawing, in order; at most {@link #MAX_REFERENCES}
 * @param image to start from, or null
 * @param maskImage what of {@code image} is drawn anew where it is white, or null
 * @param imageReference one more to look at while painting over {@code image}, or null
 * @param paddingMaskCrop pixels round the white of the mask: only this part of the picture is
 *     drawn, enlarged; null for all of it
 */
public record InputPictures(
    List<Picture> references,
    @Nullable Picture image,
    @Nullable Picture maskImage,
    @Nullable Picture imageReference,
    @Nullable Integer paddingMaskCrop) {
  /** The most that one job takes. */
  public static final int MAX_REFERENCES = 10;

  /** None. */
  public static final InputPictures NONE = new InputPictures(List.of(), null, null, null, null);

  /** Checks how many there are. */
  public InputPictures {
    references = List.copyOf(references);
    if (references.size() > MAX_REFERENCES) {
      throw new IllegalArgumentException(
          "references: " + references.size() + " (expected: at most " + MAX_REFERENCES + ")");
    }
    if (paddingMaskCrop != null && paddingMaskCrop < 0) {
      throw new IllegalArgumentException(
          "padding_mask_crop: " + paddingMaskCrop + " (expected: at least 0)");
    }
  }

  /** References alone. */
  public static InputPictures references(List<Picture> references) {
    return new InputPictures(references, null, null, null, null);
  }
}
