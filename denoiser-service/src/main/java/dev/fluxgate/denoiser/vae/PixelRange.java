package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;

/** Pictures ⇄ what the VAE encodes and decodes (flux2 spec §4.8, the way of diffusers). */
public final class PixelRange {
  private PixelRange() {}

  /**
   * 2·(level / 255) − 1 in float32, then rounded to {@code dtype}: a picture as the VAE encodes it.
   *
   * @return (1, 3, H, W) in [−1, 1]
   */
  public static HostTensor fromPicture(RgbImage picture, DType dtype) {
    int pixels = picture.width() * picture.height();
    Shape shape = Shape.of(1, RgbImage.CHANNELS, picture.height(), picture.width());
    HostTensor x = HostTensor.zeros(dtype, shape);
    byte[] rgb = picture.rgb();
    for (int channel = 0; channel < RgbImage.CHANNELS; channel++) {
      for (int i = 0; i < pixels; i++) {
        float level = Byte.toUnsignedInt(rgb[RgbImage.CHANNELS * i + channel]) / 255f;
        x.set((long) channel * pixels + i, 2 * level - 1);
      }
    }
    return x;
  }

  /** clamp(x/2 + ½, 0, 1), each operation rounded to the type of {@code x}. */
  public static HostTensor toUnit(HostTensor x) {
    DType dtype = x.dtype();
    HostTensor unit = HostTensor.zeros(dtype, x.shape());
    long count = x.shape().count();
    for (long i = 0; i < count; i++) {
      float moved = dtype.round(dtype.round(x.get(i) * 0.5f) + 0.5f);
      unit.set(i, Math.clamp(moved, 0f, 1f));
    }
    return unit;
  }
}
