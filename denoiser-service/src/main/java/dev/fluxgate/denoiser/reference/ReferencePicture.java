package dev.fluxgate.denoiser.reference;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.Picture;

/** A picture to look at, as sent → as the VAE takes it (models spec §2.3). */
public final class ReferencePicture {
  private ReferencePicture() {}

  /** The tokens that it becomes. */
  public static LatentGrid grid(Picture picture, int tokenPixels) {
    return LatentGrid.floored(picture.width(), picture.height(), tokenPixels);
  }

  /** (1, 3, H, W) in [−1, 1]: the centre, as large as whole tokens reach. */
  public static HostTensor pixels(Picture picture, int tokenPixels) {
    LatentGrid grid = grid(picture, tokenPixels);
    int width = grid.columns() * tokenPixels;
    int height = grid.rows() * tokenPixels;
    int left = (picture.width() - width) / 2;
    int top = (picture.height() - height) / 2;
    return PicturePixels.of(picture.crop(left, top, width, height).toRgb());
  }
}
