package dev.fluxgate.denoiser.vae.tile;

import java.util.ArrayList;
import java.util.List;

/**
 * The tiles along one side.
 *
 * @param spans in order; the last ones end with the side and may be short
 * @param blended how far two tiles fade into each other at most, in pixels that come out
 * @param kept how many pixels of a tile come out; the next tile has the others too
 */
record TileAxis(List<Span> spans, int blended, int kept) {
  private static final double ROUNDING = 1e-6;

  /**
   * A tile's pixels that go in.
   *
   * @param from first pixel
   * @param size number of pixels
   */
  record Span(int from, int size) {}

  /** A side passed in tiles of {@code tile} pixels, of which {@code out} pixels come out. */
  static TileAxis of(int size, int tile, int out, double overlap) {
    List<Span> spans = new ArrayList<>();
    int stride = whole(tile * (1 - overlap));
    for (int from = 0; from < size; from += stride) {
      spans.add(new Span(from, Math.min(tile, size - from)));
    }
    int blended = whole(out * overlap);
    return new TileAxis(List.copyOf(spans), blended, out - blended);
  }

  /** Whole pixels; a product that falls short of a whole number by its rounding alone is that. */
  static int whole(double pixels) {
    return (int) (pixels + ROUNDING);
  }

  /** A side passed whole. */
  static TileAxis whole(int size) {
    return new TileAxis(List.of(new Span(0, size)), 0, Integer.MAX_VALUE);
  }
}
