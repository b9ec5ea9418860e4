package dev.fluxgate.denoiser.latent;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * Orders of the numbers of a latent, on the host; values pass unchanged. Letters: B batch, C
 * channels of the VAE, h × w its latent, g × k = h/2 × w/2 the token grid, S = g·k (flux2 spec
 * §2.1).
 */
public final class LatentPacker {
  /** Side of the square of VAE pixels in one token. */
  public static final int PATCH = 2;

  private LatentPacker() {}

  /** (B, C, h, w) → (B, 4·C, g, k): channel 4·c + 2·i + j is pixel (i, j) of every 2 × 2 cell. */
  public static HostTensor patchify(HostTensor x) {
    Shape s = x.shape();
    long g = s.dim(2) / PATCH;
    long k = s.dim(3) / PATCH;
    HostTensor cells = x.reshape(s.dim(0), s.dim(1), g, PATCH, k, PATCH);
    return permute(cells, 0, 1, 3, 5, 2, 4).reshape(s.dim(0), s.dim(1) * PATCH * PATCH, g, k);
  }

  /** (B, 4·C, g, k) → (B, C, h, w): undoes {@link #patchify}. */
  public static HostTensor unpatchify(HostTensor x) {
    Shape s = x.shape();
    long channels = s.dim(1) / (PATCH * PATCH);
    HostTensor cells = x.reshape(s.dim(0), channels, PATCH, PATCH, s.dim(2), s.dim(3));
    return permute(cells, 0, 1, 4, 2, 5, 3)
        .reshape(s.dim(0), channels, s.dim(2) * PATCH, s.dim(3) * PATCH);
  }

  /** (B, 4·C, g, k) → (B, S, 4·C): one row a token. */
  public static HostTensor pack(HostTensor x) {
    Shape s = x.shape();
    return permute(x.reshape(s.dim(0), s.dim(1), s.dim(2) * s.dim(3)), 0, 2, 1);
  }

  /** (B, S, 4·C) → (B, 4·C, g, k): undoes {@link #pack}. */
  public static HostTensor unpack(HostTensor x, LatentGrid grid) {
    Shape s = x.shape();
    return permute(x, 0, 2, 1).reshape(s.dim(0), s.dim(2), grid.rows(), grid.columns());
  }

  /** (B, C, h, w) → (B, h, w, C), as back ends convolve. */
  public static HostTensor channelsLast(HostTensor x) {
    return permute(x, 0, 2, 3, 1);
  }

  /** (B, h, w, C) → (B, C, h, w): undoes {@link #channelsLast}. */
  public static HostTensor channelsFirst(HostTensor x) {
    return permute(x, 0, 3, 1, 2);
  }

  /** A copy whose dimension i is dimension {@code axes[i]} of {@code x}. */
  private static HostTensor permute(HostTensor x, int... axes) {
    int rank = axes.length;
    long[] dims = new long[rank];
    long[] strides = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = x.shape().dim(axes[i]);
      long stride = 1;
      for (int j = axes[i] + 1; j < rank; j++) {
        stride *= x.shape().dim(j);
      }
      strides[i] = stride;
    }
    HostTensor out = HostTensor.zeros(x.dtype(), Shape.of(dims));
    long[] index = new long[rank];
    long count = out.shape().count();
    long from = 0;
    for (long to = 0; to < count; to++) {
      out.set(to, x.get(from));
      for (int i = rank - 1; i >= 0; i--) {
        index[i]++;
        from += strides[i];
        if (index[i] < dims[i]) {
          break;
        }
        from -= dims[i] * strides[i];
        index[i] = 0;
      }
    }
    return out;
  }
}
