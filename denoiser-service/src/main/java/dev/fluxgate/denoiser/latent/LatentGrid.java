package dev.fluxgate.denoiser.latent;

/**
 * The image tokens of a picture: one for every square of pixels, row after row (flux2 spec §6.0).
 *
 * @param rows tokens from top to bottom
 * @param columns tokens from left to right
 */
public record LatentGrid(int rows, int columns) {

  /** Most tokens of a picture: 32768 x 32768 pixels as released. */
  private static final long MAX_TOKENS = 1 << 22;

  /** Checks that there is a token and that there are not absurdly many. */
  public LatentGrid {
    if (rows < 1 || columns < 1 || (long) rows * columns > MAX_TOKENS) {
      throw new IllegalArgumentException(
          "grid: %d x %d tokens (expected: at least 1 x 1, at most %d together)"
              .formatted(columns, rows, MAX_TOKENS));
    }
  }

  /**
   * The grid of a picture of exactly this size.
   *
   * @param tokenPixels side of the square of pixels that one token stands for
   * @throws IllegalArgumentException naming the nearest sizes, if a side is no multiple of it
   */
  public static LatentGrid of(int width, int height, int tokenPixels) {
    checkSide("width", width, tokenPixels);
    checkSide("height", height, tokenPixels);
    return new LatentGrid(height / tokenPixels, width / tokenPixels);
  }

  /**
   * The grid of the largest picture that fits into this size, as the reference takes odd sizes.
   *
   * @throws IllegalArgumentException if not even one token fits
   */
  public static LatentGrid floored(int width, int height, int tokenPixels) {
    if (width < tokenPixels || height < tokenPixels) {
      throw new IllegalArgumentException(
          "size: " + width + " x " + height + " (expected: at least " + tokenPixels + " each way)");
    }
    return new LatentGrid(height / tokenPixels, width / tokenPixels);
  }

  /** Number of tokens. */
  public int tokens() {
    return rows * columns;
  }

  private static void checkSide(String name, int pixels, int tokenPixels) {
    if (pixels >= tokenPixels && pixels % tokenPixels == 0) {
      return;
    }
    int below = pixels / tokenPixels * tokenPixels;
    String nearest =
        pixels < tokenPixels
            ? "the smallest is " + tokenPixels
            : "the nearest are " + below + " and " + (below + tokenPixels);
    throw new IllegalArgumentException(
        name + ": " + pixels + " (expected: a multiple of " + tokenPixels + "; " + nearest + ")");
  }
}
