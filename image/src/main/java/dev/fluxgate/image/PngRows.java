package dev.fluxgate.image;

/**
 * Predicts the bytes of a row from their neighbours, so that deflate finds more to leave out. Of
 * the five filters of the PNG standard the one with the smallest sum of absolute residuals is taken
 * for each row, the heuristic that the standard recommends.
 */
final class PngRows {
  private static final int FILTERS = 5;

  private final int rowBytes;
  private final byte[][] candidates;

  PngRows(int rowBytes) {
    this.rowBytes = rowBytes;
    candidates = new byte[FILTERS][rowBytes + 1];
    for (int filter = 0; filter < FILTERS; filter++) {
      candidates[filter][0] = (byte) filter;
    }
  }

  /** Row {@code y} of {@code rgb} behind the number of its filter; valid until the next call. */
  byte[] filtered(byte[] rgb, int y) {
    int best = 0;
    long bestSum = Long.MAX_VALUE;
    for (int filter = 0; filter < FILTERS; filter++) {
      long sum = 0;
      byte[] residuals = candidates[filter];
      for (int i = 0; i < rowBytes; i++) {
        byte residual = (byte) (rgb[y * rowBytes + i] - predict(filter, rgb, y, i));
        residuals[i + 1] = residual;
        sum += Math.abs(residual);
      }
      if (sum < bestSum) {
        bestSum = sum;
        best = filter;
      }
    }
    return candidates[best];
  }

  private int predict(int filter, byte[] rgb, int y, int i) {
    int at = y * rowBytes + i;
    boolean first = i < RgbImage.CHANNELS;
    int left = first ? 0 : Byte.toUnsignedInt(rgb[at - RgbImage.CHANNELS]);
    int up = y == 0 ? 0 : Byte.toUnsignedInt(rgb[at - rowBytes]);
    return switch (filter) {
      case 0 -> 0;
      case 1 -> left;
      case 2 -> up;
      case 3 -> (left + up) / 2;
      default -> {
        int upLeft =
            first || y == 0 ? 0 : Byte.toUnsignedInt(rgb[at - rowBytes - RgbImage.CHANNELS]);
        yield paeth(left, up, upLeft);
      }
    };
  }

  /** The neighbour nearest to left + up − upLeft; ties go to left, then up. */
  private static int paeth(int left, int up, int upLeft) {
    int toLeft = Math.abs(up - upLeft);
    int toUp = Math.abs(left - upLeft);
    int toUpLeft = Math.abs(left + up - 2 * upLeft);
    if (toLeft <= toUp && toLeft <= toUpLeft) {
      return left;
    }
    return toUp <= toUpLeft ? up : upLeft;
  }
}
