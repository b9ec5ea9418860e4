package dev.fluxgate.denoiser.reference;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.prepare.ReferencePicture;

/** How large a picture to look at, as sent, will be (models spec §2.3). */
public final class ReferenceGrid {
  private ReferenceGrid() {}

  /**
   * The tokens that {@link ReferencePicture#prepare} leaves, found without touching a pixel.
   *
   * @throws IllegalArgumentException if not one token is left
   */
  public static LatentGrid of(Picture picture, int tokenPixels) {
    long area = (long) picture.width() * picture.height();
    if (area <= ReferencePicture.MAX_AREA) {
      return LatentGrid.floored(picture.width(), picture.height(), tokenPixels);
    }
    double scale = Math.sqrt((double) ReferencePicture.MAX_AREA / area);
    return LatentGrid.floored(
        (int) (picture.width() * scale), (int) (picture.height() * scale), tokenPixels);
  }
}
