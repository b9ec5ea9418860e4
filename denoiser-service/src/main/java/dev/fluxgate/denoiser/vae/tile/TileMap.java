package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * What came out of one tile, (1, h, w, C), blended in place: a blended tile is what the next ones
 * fade from. Every product and sum rounds to the type of the map, as the reference does.
 */
final class TileMap {
  private final HostTensor map;
  private final int height;
  private final int width;
  private final int channels;

  TileMap(HostTensor map) {
    this.map = map;
    height = map.shape().size(1);
    width = map.shape().size(2);
    channels = map.shape().size(3);
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  /** The first rows fade from the last ones of {@code above}, which is as wide. */
  void fadeFromAbove(TileMap above, int most) {
    int extent = Math.min(Math.min(above.height, height), most);
    long row = (long) width * channels;
    for (int y = 0; y < extent; y++) {
      fade(above.map, (above.height - extent + y) * row, y * row, row, (double) y / extent);
    }
  }

  /** The first columns fade from the last ones of {@code left}, which is as high. */
  void fadeFromLeft(TileMap left, int most) {
    int extent = Math.min(Math.min(left.width, width), most);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < extent; x++) {
        long from = ((long) y * left.width + left.width - extent + x) * channels;
        long to = ((long) y * width + x) * channels;
        fade(left.map, from, to, channels, (double) x / extent);
      }
    }
  }

  private void fade(HostTensor other, long from, long to, long count, double part) {
    DType dtype = map.dtype();
    float theirs = (float) (1 - part);
    float ours = (float) part;
    for (long i = 0; i < count; i++) {
      float old = dtype.round(other.get(from + i) * theirs);
      map.set(to + i, old + dtype.round(map.get(to + i) * ours));
    }
  }

  /** A map of its type and channels. */
  HostTensor blank(int rows, int columns) {
    return HostTensor.zeros(map.dtype(), Shape.of(1, rows, columns, channels));
  }

  /** Copies the upper left part of this map to column {@code left} of {@code band}. */
  void copyTo(HostTensor band, int left, int rows, int columns) {
    long pixel = map.dtype().bytes(channels);
    for (int y = 0; y < rows; y++) {
      long to = (y * band.shape().dim(2) + left) * pixel;
      band.data()
          .asSlice(to, columns * pixel)
          .copyFrom(map.data().asSlice((long) y * width * pixel, columns * pixel));
    }
  }
}
