package dev.fluxgate.encoder.vision;

/**
 * How a picture is cut: cells from left to right and from top to bottom, each of m × m patches, and
 * so each cell's patches follow each other. The tower does not mind the order of patches, and the
 * merge of a cell becomes a run of rows.
 *
 * @param cellRows rows of cells
 * @param cellColumns cells of a row
 * @param mergeSize m
 */
public record PatchGrid(int cellRows, int cellColumns, int mergeSize) {

  /** Number of patches. */
  public int patches() {
    return cells() * mergeSize * mergeSize;
  }

  /** Number of merged cells. */
  public int cells() {
    return Math.multiplyExact(cellRows, cellColumns);
  }

  /** Patches of a row of the picture. */
  public int patchColumns() {
    return cellColumns * mergeSize;
  }

  /** Rows of patches. */
  public int patchRows() {
    return cellRows * mergeSize;
  }

  /** Row of patch {@code index} in the picture, in patches. */
  public int row(int index) {
    return index / (mergeSize * mergeSize) / cellColumns * mergeSize
        + index % (mergeSize * mergeSize) / mergeSize;
  }

  /** Column of patch {@code index} in the picture, in patches. */
  public int column(int index) {
    return index / (mergeSize * mergeSize) % cellColumns * mergeSize + index % mergeSize;
  }
}
