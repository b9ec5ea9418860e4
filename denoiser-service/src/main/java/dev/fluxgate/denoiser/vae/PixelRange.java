package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/** What the VAE decodes → numbers in [0, 1] (flux2 spec §4.8, the way of diffusers). */
public final class PixelRange {
  private PixelRange() {}

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
