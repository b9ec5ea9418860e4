package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/** Memory of decoding or encoding a batch of B pictures of one size. */
public final class VaeActivations {
  private final Tensor input;
  private final Tensor output;
  private final FeatureMaps maps;

  private VaeActivations(
      Workspace workspace, DType dtype, Shape input, Shape output, MapSizes sizes) {
    this.input = workspace.tensor(dtype, input);
    this.output = workspace.tensor(dtype, output);
    maps = new FeatureMaps(workspace, dtype, sizes);
  }

  /** Lays out the decoding of {@code batch} latents of {@code height} × {@code width}. */
  public static VaeActivations decoding(
      Workspace workspace, VaeParams params, DType dtype, int batch, int height, int width) {
    List<Integer> channels = params.decoderChannels().reversed();
    MapSizes sizes = new MapSizes();
    long pixels = (long) batch * height * width;
    sizes.map(pixels, params.latentChannels());
    sizes.attention(pixels, channels.getFirst());
    for (int level = 0; level < channels.size(); level++) {
      int out = channels.get(level);
      sizes.block(pixels, channels.get(Math.max(level - 1, 0)), out);
      if (level + 1 < channels.size()) {
        pixels *= 4;
        sizes.upsampled(pixels, out);
      }
    }
    long scale = params.scale();
    return new VaeActivations(
        workspace,
        dtype,
        Shape.of(batch, height, width, params.latentChannels()),
        Shape.of(batch, height * scale, width * scale, params.outChannels()),
        sizes);
  }

  /**
   * Lays out the encoding of {@code batch} pictures of {@code height} × {@code width}; each level
   * drops an odd last row or column.
   *
   * @throws IllegalArgumentException if a side is shorter than one latent pixel
   */
  public static VaeActivations encoding(
      Workspace workspace, VaeParams params, DType dtype, int batch, int height, int width) {
    if (height < params.scale() || width < params.scale()) {
      throw new IllegalArgumentException(
          "picture: %d x %d (expected: at least %d each way)"
              .formatted(width, height, params.scale()));
    }
    List<Integer> channels = params.encoderChannels();
    MapSizes sizes = new MapSizes();
    long h = height;
    long w = width;
    for (int level = 0; level < channels.size(); level++) {
      int in = channels.get(Math.max(level - 1, 0));
      sizes.block(batch * h * w, in, channels.get(level));
      if (level + 1 < channels.size()) {
        h /= 2;
        w /= 2;
      }
    }
    int moments = 2 * params.latentChannels();
    sizes.attention(batch * h * w, channels.getLast());
    sizes.map(batch * h * w, moments);
    return new VaeActivations(
        workspace,
        dtype,
        Shape.of(batch, height, width, params.inChannels()),
        Shape.of(batch, h, w, moments),
        sizes);
  }

  /** (B, h, w, Z) when decoding, (B, H, W, 3) when encoding. */
  Tensor input() {
    return input;
  }

  /** (B, H, W, 3) when decoding, (B, h, w, 2·Z) when encoding. */
  Tensor output() {
    return output;
  }

  FeatureMaps maps() {
    return maps;
  }

  /** B, pictures that are passed at once. */
  int batch() {
    return input.shape().size(0);
  }
}
