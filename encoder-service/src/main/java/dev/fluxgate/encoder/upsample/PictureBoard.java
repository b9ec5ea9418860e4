package dev.fluxgate.encoder.upsample;

import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.PictureRow;
import dev.fluxgate.image.prepare.ReferencePicture;
import java.util.List;

/** Pictures side by side as one of no more pixels than the model is shown. */
final class PictureBoard {
  /** Most pixels of a board before it is shrunk, the white ones included. */
  private static final long MAX_PIXELS = 1L << 27;

  private PictureBoard() {}

  /**
   * Joins pictures on white and shrinks them together.
   *
   * @throws IllegalArgumentException for a board beyond memory
   */
  static RgbImage of(List<RgbImage> pictures) {
    long width = pictures.stream().mapToLong(RgbImage::width).sum();
    long height = pictures.stream().mapToLong(RgbImage::height).max().orElseThrow();
    if (width > MAX_PIXELS / height) {
      throw new IllegalArgumentException(
          "images: %d x %d side by side (expected: at most %d pixels)"
              .formatted(width, height, MAX_PIXELS));
    }
    RgbImage board = PictureRow.join(pictures.stream().map(Picture::of).toList());
    return ReferencePicture.capArea(Picture.of(board), PromptUpsampling.MAX_PIXELS).toRgb();
  }
}
