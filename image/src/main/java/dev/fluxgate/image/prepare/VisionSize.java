package dev.fluxgate.image.prepare;

/**
 * Size of a picture that a vision encoder looks at (models spec §5.1.8): whole patches.
 *
 * @param width pixels, a multiple of the patch
 * @param height pixels, a multiple of the patch
 */
public record VisionSize(int width, int height) {

  /**
   * For a picture of {@code width} × {@code height}: scaled down until its longer side is at most
   * {@code longestEdge}, then each side rounded up to a multiple of {@code patch}.
   */
  public static VisionSize of(int width, int height, int longestEdge, int patch) {
    double ratio = Math.max((double) height / longestEdge, (double) width / longestEdge);
    int scaledWidth = ratio > 1 ? (int) Math.floor(width / ratio) : width;
    int scaledHeight = ratio > 1 ? (int) Math.floor(height / ratio) : height;
    return new VisionSize(patches(scaledWidth, patch), patches(scaledHeight, patch));
  }

  /** A side that scaling left nothing of is still one patch. */
  private static int patches(int side, int patch) {
    return Math.max(Math.ceilDiv(side, patch), 1) * patch;
  }
}
