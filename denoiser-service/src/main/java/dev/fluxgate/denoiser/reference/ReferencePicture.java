package dev.fluxgate.denoiser.reference;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;

/** A picture to look at, as sent → as the VAE takes it (models spec §2.3). */
public final class ReferencePicture {
  private ReferencePicture() {}

  /** The tokens that it becomes. */
  public static LatentGrid grid(RgbImage picture, int tokenPixels) {
    return LatentGrid.floored(picture.width(), picture.height(), tokenPixels);
  }

  /** (1, 3, H, W) in [−1, 1]: the centre, as large as whole tokens reach. */
  public static HostTensor pixels(RgbImage picture, int tokenPixels) {
    LatentGrid grid = grid(picture, tokenPixels);
    int height = grid.rows() * tokenPixels;
    int width = grid.columns() * tokenPixels;
    int left = (picture.width() - width) / 2;
    int top = (picture.height() - height) / 2;
    HostTensor pixels = HostTensor.zeros(DType.F32, Shape.of(1, 3, height, width));
    for (int channel = 0; channel < 3; channel++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          float level = picture.level(left + x, top + y, channel) / 255f;
          pixels.set(((long) channel * height + y) * width + x, 2 * level - 1);
        }
      }
    }
    return pixels;
  }
}
