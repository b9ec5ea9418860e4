package dev.fluxgate.denoiser.vae.tile;

import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory of passing one picture through the VAE, in tiles or whole. Tiles of all sizes share one
 * place, so that the largest is what it takes.
 */
public final class TileActivations {
  private final TileAxis rows;
  private final TileAxis columns;
  private final Map<Size, VaeActivations> bySize = new HashMap<>();

  private record Size(int height, int width) {}

  private interface Layout {
    VaeActivations of(Workspace workspace, int height, int width);
  }

  private TileActivations(Workspace workspace, TileAxis rows, TileAxis columns, Layout layout) {
    this.rows = rows;
    this.columns = columns;
    long mark = workspace.mark();
    for (TileAxis.Span row : rows.spans()) {
      for (TileAxis.Span column : columns.spans()) {
        bySize.computeIfAbsent(
            new Size(row.size(), column.size()),
            size -> {
              workspace.release(mark);
              return layout.of(workspace, size.height, size.width);
            });
      }
    }
    // What is laid out behind must not lie where the largest tile does.
    workspace.release(mark);
    VaeActivations _ = layout.of(workspace, largest(rows), largest(columns));
  }

  private static int largest(TileAxis axis) {
    return axis.spans().stream().mapToInt(TileAxis.Span::size).max().orElseThrow();
  }

  /** Lays out the decoding of one latent of {@code height} × {@code width}. */
  public static TileActivations decoding(
      Workspace workspace, VaeParams params, DType dtype, Tiling tiling, int height, int width) {
    boolean cut = tiling.cutsLatent(height, width);
    return new TileActivations(
        workspace,
        cut ? tiling.latentAxis(height) : TileAxis.whole(height),
        cut ? tiling.latentAxis(width) : TileAxis.whole(width),
        (place, h, w) -> VaeActivations.decoding(place, params, dtype, 1, h, w));
  }

  /**
   * Lays out the encoding of one picture of {@code height} × {@code width}.
   *
   * @throws IllegalArgumentException if a tile is smaller than one latent pixel
   */
  public static TileActivations encoding(
      Workspace workspace, VaeParams params, DType dtype, Tiling tiling, int height, int width) {
    boolean cut = tiling.cutsPicture(height, width);
    return new TileActivations(
        workspace,
        cut ? tiling.pictureAxis(height) : TileAxis.whole(height),
        cut ? tiling.pictureAxis(width) : TileAxis.whole(width),
        (place, h, w) -> VaeActivations.encoding(place, params, dtype, 1, h, w));
  }

  TileAxis rows() {
    return rows;
  }

  TileAxis columns() {
    return columns;
  }

  /** The views of a tile of this size. */
  VaeActivations of(TileAxis.Span row, TileAxis.Span column) {
    VaeActivations activations = bySize.get(new Size(row.size(), column.size()));
    if (activations == null) {
      throw new IllegalArgumentException(
          "tile: %d x %d (expected: one of %s)"
              .formatted(row.size(), column.size(), bySize.keySet()));
    }
    return activations;
  }
}
