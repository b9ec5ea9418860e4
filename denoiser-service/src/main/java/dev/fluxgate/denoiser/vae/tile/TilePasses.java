package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Cuts, passes and joins: row after row, so that two rows of tiles are held at a time. */
final class TilePasses {
  private TilePasses() {}

  /**
   * Any number of maps, one after the other.
   *
   * @param input (N, C, h, w)
   * @param pass (1, C, h', w') → (1, h'', w'', C')
   * @return (N, H, W, C')
   */
  static HostTensor run(
      HostTensor input,
      TileActivations activations,
      BiFunction<HostTensor, VaeActivations, HostTensor> pass) {
    List<HostTensor> maps = new ArrayList<>();
    for (long n = 0; n < input.shape().dim(0); n++) {
      maps.add(one(input.slice(n, 1), activations, pass));
    }
    Shape s = maps.getFirst().shape();
    HostTensor all =
        HostTensor.zeros(input.dtype(), Shape.of(maps.size(), s.dim(1), s.dim(2), s.dim(3)));
    for (int n = 0; n < maps.size(); n++) {
      all.slice(n, 1).data().copyFrom(maps.get(n).data());
    }
    return all;
  }

  private static HostTensor one(
      HostTensor input,
      TileActivations activations,
      BiFunction<HostTensor, VaeActivations, HostTensor> pass) {
    TileAxis rows = activations.rows();
    TileAxis columns = activations.columns();
    if (rows.spans().size() == 1 && columns.spans().size() == 1) {
      return pass.apply(input, activations.of(rows.spans().getFirst(), columns.spans().getFirst()));
    }
    List<HostTensor> bands = new ArrayList<>();
    List<TileMap> above = List.of();
    for (TileAxis.Span row : rows.spans()) {
      List<TileMap> tiles = new ArrayList<>();
      for (TileAxis.Span column : columns.spans()) {
        HostTensor cut = cut(input, row, column);
        tiles.add(new TileMap(pass.apply(cut, activations.of(row, column))));
      }
      for (int j = 0; j < tiles.size(); j++) {
        if (!above.isEmpty()) {
          tiles.get(j).fadeFromAbove(above.get(j), rows.blended());
        }
        if (j > 0) {
          tiles.get(j).fadeFromLeft(tiles.get(j - 1), columns.blended());
        }
      }
      bands.add(band(tiles, rows.kept(), columns.kept()));
      above = tiles;
    }
    return stacked(bands);
  }

  /** (1, C, h, w) → the part of it that a tile takes. */
  private static HostTensor cut(HostTensor input, TileAxis.Span row, TileAxis.Span column) {
    Shape s = input.shape();
    HostTensor cut =
        HostTensor.zeros(input.dtype(), Shape.of(1, s.dim(1), row.size(), column.size()));
    long bytes = input.dtype().bytes(column.size());
    long to = 0;
    for (long channel = 0; channel < s.dim(1); channel++) {
      for (int y = 0; y < row.size(); y++) {
        long from = (channel * s.dim(2) + row.from() + y) * s.dim(3) + column.from();
        cut.data()
            .asSlice(to, bytes)
            .copyFrom(input.data().asSlice(input.dtype().bytes(from), bytes));
        to += bytes;
      }
    }
    return cut;
  }

  /** One row of tiles beside each other, without what the next ones have too. */
  private static HostTensor band(List<TileMap> tiles, int keptRows, int keptColumns) {
    int height = Math.min(keptRows, tiles.getFirst().height());
    int width = tiles.stream().mapToInt(tile -> Math.min(keptColumns, tile.width())).sum();
    HostTensor band = tiles.getFirst().blank(height, width);
    int left = 0;
    for (TileMap tile : tiles) {
      int columns = Math.min(keptColumns, tile.width());
      tile.copyTo(band, left, height, columns);
      left += columns;
    }
    return band;
  }

  private static HostTensor stacked(List<HostTensor> bands) {
    Shape s = bands.getFirst().shape();
    long height = bands.stream().mapToLong(band -> band.shape().dim(1)).sum();
    HostTensor all =
        HostTensor.zeros(bands.getFirst().dtype(), Shape.of(1, height, s.dim(2), s.dim(3)));
    long at = 0;
    for (HostTensor band : bands) {
      all.data().asSlice(at, band.data().byteSize()).copyFrom(band.data());
      at += band.data().byteSize();
    }
    return all;
  }
}
