package dev.fluxgate.image.resample;

/**
 * Which of the two passes comes first. The result of the first is rounded to 8 bits, so that the
 * orders differ, on noise by up to 30 levels.
 */
public enum PassOrder {
  /** Rows always first, as Pillow up to version 12, with which FLUX.2 was published. */
  HORIZONTAL_FIRST {
    @Override
    boolean columnsFirst(int fewerColumns, int fewerRows) {
      return false;
    }
  },
  /** Columns first where that is much less work, as Pillow from version 13. */
  LESS_WORK_FIRST {
    @Override
    boolean columnsFirst(int fewerColumns, int fewerRows) {
      return fewerRows > 0 && fewerRows > 2 * fewerColumns;
    }
  };

  /** By how many columns and rows the new picture has less. */
  abstract boolean columnsFirst(int fewerColumns, int fewerRows);
}
