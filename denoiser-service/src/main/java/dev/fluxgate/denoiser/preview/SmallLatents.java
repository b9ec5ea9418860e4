package dev.fluxgate.denoiser.preview;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;

/**
 * Latents of a picture in small: each cell the mean of all latent pixels of a block of tokens.
 *
 * @param grid cells; {@code tokens()} of them
 * @param channels Z, of the VAE
 * @param means (cells, 4·Z): for each cell the means of its tokens, cell after cell
 */
@SuppressWarnings("ArrayRecordComponent") // Made and read in one breath, never compared.
record SmallLatents(LatentGrid grid, int channels, float[] means) {
  static final int PIXELS = LatentPacker.PATCH * LatentPacker.PATCH;

  /** Most cells of a side: enough samples for the channels of FLUX.2 seven times over. */
  private static final int MAX_SIDE = 16;

  /** The cells of a picture's tokens: one each, or one for every block of a large picture. */
  static LatentGrid gridOf(LatentGrid tokens) {
    int block = Math.ceilDiv(Math.max(tokens.rows(), tokens.columns()), MAX_SIDE);
    return new LatentGrid(
        Math.max(1, tokens.rows() / block), Math.max(1, tokens.columns() / block));
  }

  /** latents: (S, 4·Z), token after token. */
  static SmallLatents of(float[] latents, LatentGrid tokens) {
    LatentGrid grid = gridOf(tokens);
    int width = latents.length / tokens.tokens();
    float[] sums = new float[grid.tokens() * width];
    int[] counts = new int[grid.tokens()];
    for (int token = 0; token < tokens.tokens(); token++) {
      int row = (int) ((long) (token / tokens.columns()) * grid.rows() / tokens.rows());
      int column = (int) ((long) (token % tokens.columns()) * grid.columns() / tokens.columns());
      int cell = row * grid.columns() + column;
      counts[cell]++;
      for (int c = 0; c < width; c++) {
        sums[cell * width + c] += latents[token * width + c];
      }
    }
    for (int i = 0; i < sums.length; i++) {
      sums[i] /= counts[i / width];
    }
    return new SmallLatents(grid, width / PIXELS, sums);
  }

  /** Mean of channel {@code c} over the latent pixels of a cell. */
  double mean(int cell, int c) {
    double sum = 0;
    for (int pixel = 0; pixel < PIXELS; pixel++) {
      sum += means[(cell * channels + c) * PIXELS + pixel];
    }
    return sum / PIXELS;
  }
}
