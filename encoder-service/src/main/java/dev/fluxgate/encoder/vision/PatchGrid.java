package dev.fluxgate.encoder.vision;

/**
 * How a picture is cut: patches from left to right and from top to bottom, as the reference takes
 * them. The tower minds their order only in bfloat16, where the last keys of an attention are taken
 * otherwise than the rest. A cell is m × m patches.
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
    return index / patchColumns();
  }

  /** Column of patch {@code index} in the picture, in patches. */
  public int column(int index) {
    return index % patchColumns();
  }
}
