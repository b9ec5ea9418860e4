package dev.fluxgate.denoiser.reference;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;

/** Levels of 8 bits → numbers as the VAE encodes them (models spec §4.8). */
public final class PicturePixels {
  private static final float WHITE = 255;

  private PicturePixels() {}

  /** (1, 3, H, W) in [−1, 1], in float32: 2·(level / 255) − 1. */
  public static HostTensor of(RgbImage picture) {
    int area = picture.width() * picture.height();
    byte[] rgb = picture.rgb();
    HostTensor pixels =
        HostTensor.zeros(
            DType.F32, Shape.of(1, RgbImage.CHANNELS, picture.height(), picture.width()));
    for (int i = 0; i < area; i++) {
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        float level = Byte.toUnsignedInt(rgb[RgbImage.CHANNELS * i + c]) / WHITE;
        pixels.set((long) c * area + i, 2 * level - 1);
      }
    }
    return pixels;
  }
}
