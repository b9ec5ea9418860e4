package dev.fluxgate.denoiser.preview;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.vae.LatentNormalizer;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.util.HashMap;
import java.util.Map;

/**
 * Latents of the denoising loop → a picture of one pixel a latent pixel, each colour a weighted sum
 * of the Z channels there and a constant.
 *
 * <p>The weights are fitted to the picture at hand: its latents in small, at most 16 × 16, go
 * through the VAE's own decoder, and the colours that come out are regressed on the latents that
 * went in. One set of weights for a model would be cheaper and is far worse, however it is found:
 * the norms of the VAE look at the whole picture, so the same latent is another colour elsewhere
 * (measured in docs/previews.md). So nothing is learnt from made-up pictures either, and the
 * encoder is never needed.
 */
public final class LatentPreview {
  /** Longer side of a preview, at most. */
  public static final int MAX_SIDE = 256;

  private static final int PATCH = LatentPacker.PATCH;

  private final VaeParams params;
  private final LatentNormalizer normalizer;
  private final VaeDecoder decoder;
  private final DType dtype;

  /** Previews by {@code decoder}, which takes latents of {@code dtype}. */
  public LatentPreview(
      VaeParams params, LatentNormalizer normalizer, VaeDecoder decoder, DType dtype) {
    this.params = params;
    this.normalizer = normalizer;
    this.decoder = decoder;
    this.dtype = dtype;
  }

  /** What the previews of one job take and remember. */
  public static final class Memory {
    private final LatentGrid tokens;
    private final VaeActivations activations;
    private final Map<Integer, Fitted> pictures = new HashMap<>();

    private Memory(LatentGrid tokens, VaeActivations activations) {
      this.tokens = tokens;
      this.activations = activations;
    }
  }

  /** Weights of a picture, and how many previews it has had. */
  @SuppressWarnings("ArrayRecordComponent") // Kept and read, never compared.
  private record Fitted(double[][] weights, int previews) {}

  /** Memory for previews of pictures of {@code tokens}. */
  public Memory layOut(Workspace workspace, LatentGrid tokens) {
    LatentGrid small = SmallLatents.gridOf(tokens);
    return new Memory(
        tokens,
        VaeActivations.decoding(workspace, params, dtype, 1, small.rows(), small.columns()));
  }

  /**
   * The picture, its longer side at most {@link #MAX_SIDE} and at most that of the picture itself:
   * enlarged by a whole factor, or every so many latent pixels.
   *
   * @param index which picture of the job
   * @param latents (S, 4·Z), normalised, token after token; no-numbers become black
   */
  public RgbImage draw(int index, float[] latents, Memory memory) {
    LatentGrid tokens = memory.tokens;
    int width = SmallLatents.PIXELS * params.latentChannels();
    if (latents.length != (long) tokens.tokens() * width) {
      throw new IllegalArgumentException(
          "latents: %d numbers (expected: %d tokens of %d)"
              .formatted(latents.length, tokens.tokens(), width));
    }
    Fitted known = memory.pictures.get(index);
    int previews = known == null ? 1 : known.previews() + 1;
    // Decoding is nearly all of the cost; so at the 1st, 2nd, 4th, 8th … preview of a picture.
    double[][] weights =
        known == null || Integer.bitCount(previews) == 1
            ? fit(SmallLatents.of(latents, tokens), memory.activations)
            : known.weights();
    memory.pictures.put(index, new Fitted(weights, previews));
    return scaled(project(latents, tokens, weights));
  }

  private double[][] fit(SmallLatents small, VaeActivations memory) {
    HostTensor pixels = decoder.decode(denormalized(small), memory);
    int channels = small.channels();
    RidgeRegression regression = new RidgeRegression(channels, RgbImage.CHANNELS);
    double[] latent = new double[channels];
    double[] colour = new double[RgbImage.CHANNELS];
    for (int cell = 0; cell < small.grid().tokens(); cell++) {
      for (int c = 0; c < channels; c++) {
        latent[c] = small.mean(cell, c);
      }
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        colour[c] = level(pixels, cell % small.grid().columns(), cell / small.grid().columns(), c);
      }
      regression.add(latent, colour);
    }
    return regression.solve();
  }

  /** (1, Z, rows, columns), as the VAE decodes them. */
  private HostTensor denormalized(SmallLatents small) {
    int cells = small.grid().tokens();
    HostTensor rows =
        HostTensor.of(
            DType.F32,
            Shape.of(1, cells, (long) SmallLatents.PIXELS * small.channels()),
            small.means());
    HostTensor tokens = normalizer.denormalize(LatentPacker.unpack(rows.to(dtype), small.grid()));
    HostTensor means =
        HostTensor.zeros(
            dtype, Shape.of(1, small.channels(), small.grid().rows(), small.grid().columns()));
    for (int c = 0; c < small.channels(); c++) {
      for (int cell = 0; cell < cells; cell++) {
        float sum = 0;
        for (int pixel = 0; pixel < SmallLatents.PIXELS; pixel++) {
          sum += tokens.get(((long) c * SmallLatents.PIXELS + pixel) * cells + cell);
        }
        means.set((long) c * cells + cell, sum / SmallLatents.PIXELS);
      }
    }
    return means;
  }

  /** Mean level in [0, 1] of the square of pixels that a latent pixel became. */
  private double level(HostTensor pixels, int column, int row, int channel) {
    int scale = params.scale();
    long width = pixels.shape().dim(2);
    double sum = 0;
    for (int y = 0; y < scale; y++) {
      for (int x = 0; x < scale; x++) {
        long at = ((long) row * scale + y) * width + (long) column * scale + x;
        sum += Math.clamp(pixels.get(at * params.outChannels() + channel), -1f, 1f) / 2 + 0.5;
      }
    }
    return sum / (scale * scale);
  }

  private RgbImage project(float[] latents, LatentGrid tokens, double[][] weights) {
    int channels = params.latentChannels();
    int width = tokens.columns() * PATCH;
    byte[] rgb = new byte[tokens.tokens() * SmallLatents.PIXELS * RgbImage.CHANNELS];
    for (int token = 0; token < tokens.tokens(); token++) {
      for (int pixel = 0; pixel < SmallLatents.PIXELS; pixel++) {
        int y = token / tokens.columns() * PATCH + pixel / PATCH;
        int x = token % tokens.columns() * PATCH + pixel % PATCH;
        int at = token * channels * SmallLatents.PIXELS + pixel;
        for (int c = 0; c < RgbImage.CHANNELS; c++) {
          rgb[(y * width + x) * RgbImage.CHANNELS + c] = colour(latents, at, weights[c]);
        }
      }
    }
    return new RgbImage(width, tokens.rows() * PATCH, rgb);
  }

  private static byte colour(float[] latents, int at, double[] weights) {
    int channels = weights.length - 1;
    double sum = weights[channels];
    for (int c = 0; c < channels; c++) {
      sum += weights[c] * latents[at + SmallLatents.PIXELS * c];
    }
    // Not Math.clamp: this way round a no-number gives 0.
    return (byte) Math.round(255 * (sum > 0 ? Math.min(sum, 1) : 0));
  }

  private RgbImage scaled(RgbImage image) {
    int longer = Math.max(image.width(), image.height());
    int factor = Math.min(params.scale(), MAX_SIDE / longer);
    int side = factor > 0 ? factor * longer : MAX_SIDE;
    int width = Math.max(1, image.width() * side / longer);
    int height = Math.max(1, image.height() * side / longer);
    byte[] rgb = new byte[width * height * RgbImage.CHANNELS];
    for (int pixel = 0; pixel < width * height; pixel++) {
      int x = pixel % width * image.width() / width;
      int y = pixel / width * image.height() / height;
      int from = (y * image.width() + x) * RgbImage.CHANNELS;
      System.arraycopy(image.rgb(), from, rgb, pixel * RgbImage.CHANNELS, RgbImage.CHANNELS);
    }
    return new RgbImage(width, height, rgb);
  }
}
