package dev.fluxgate.denoiser.request;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures that go in, as they were sent; a pipeline prepares them as its model wants them.
 *
 * @param references to look at while drawing, in order; at most {@link #MAX_REFERENCES}
 * @param image to start from, or null
 * @param maskImage what of {@code image} is drawn anew where it is white, or null; a pipeline
 *     stretches it to the size of the image
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

  /**
   * These, with a mask that was made for its image. Pipelines would stretch any other, as the
   * reference does; but whoever sends one has most likely mixed up two files.
   *
   * @throws IllegalArgumentException if the mask is of another size than the image
   */
  public InputPictures withMaskOfItsImage() {
    if (image != null && maskImage != null) {
      checkMask(
          new Size(maskImage.width(), maskImage.height()), new Size(image.width(), image.height()));
    }
    return this;
  }

  /**
   * As {@link #withMaskOfItsImage}, before the pictures are there.
   *
   * @throws IllegalArgumentException if the mask is of another size than the image
   */
  public static void checkMask(Size mask, Size image) {
    if (!mask.equals(image)) {
      throw new IllegalArgumentException(
          "mask_image: %d x %d (expected: %d x %d, the size of image)"
              .formatted(mask.width(), mask.height(), image.width(), image.height()));
    }
  }

  /** References alone. */
  public static InputPictures references(List<Picture> references) {
    return new InputPictures(references, null, null, null, null);
  }
}
