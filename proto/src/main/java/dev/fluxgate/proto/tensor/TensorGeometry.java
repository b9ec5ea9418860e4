package dev.fluxgate.proto.tensor;

import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.PadRow;
import dev.fluxgate.v1.TensorHeader;

/**
 * A header whose numbers have been checked against each other. Headers come from other processes:
 * every product is computed with overflow checks and compared with a limit before any use.
 *
 * @param rows extent of the first dimension
 * @param rowBytes bytes of one entry of the first dimension
 * @param padFirst index of the first of the equal rows; 0 where there are none
 * @param padCount number of equal rows that travel as one; 0 where all rows travel
 */
public record TensorGeometry(long rows, long rowBytes, long padFirst, long padCount) {
  /**
   * Checks {@code header}.
   *
   * @throws MalformedTensorException naming the field, its value and the expectation
   */
  public static TensorGeometry of(TensorHeader header, TensorLimits limits) {
    require(
        header.getShapeCount() >= 1 && header.getShapeCount() <= limits.maxRank(),
        header,
        "shape: " + header.getShapeList(),
        "1.." + limits.maxRank() + " dimensions");
    long whole = elementBytes(header.getDtype());
    for (int i = 0; i < header.getShapeCount(); i++) {
      long extent = header.getShape(i);
      // Dividing keeps the test itself from overflowing.
      require(
          extent >= 1 && extent <= limits.maxBytes() / whole,
          header,
          "shape: " + header.getShapeList(),
          "positive extents and at most " + limits.maxBytes() + " bytes in all");
      whole *= extent;
    }
    long rows = header.getShape(0);
    long rowBytes = whole / rows;
    PadRow pad = header.getPadRow();
    if (header.hasPadRow()) {
      require(
          pad.getFirst() >= 0
              && pad.getCount() >= 2
              && pad.getCount() <= rows
              && pad.getFirst() <= rows - pad.getCount(),
          header,
          "pad_row: first " + pad.getFirst() + ", count " + pad.getCount(),
          "at least 2 rows within 0.." + rows);
    }
    TensorGeometry geometry =
        new TensorGeometry(rows, rowBytes, pad.getFirst(), header.hasPadRow() ? pad.getCount() : 0);
    require(
        header.getByteSize() == geometry.travellingBytes(),
        header,
        "byte_size: " + header.getByteSize(),
        geometry.travellingBytes() + " for this shape and pad row");
    require(
        header.getSha256().size() == ContentHash.BYTES,
        header,
        "sha256: " + header.getSha256().size() + " bytes",
        String.valueOf(ContentHash.BYTES));
    return geometry;
  }

  /** Bytes of one element. */
  static long elementBytes(DType dtype) {
    return switch (dtype) {
      case D_TYPE_F32 -> 4;
      case D_TYPE_BF16, D_TYPE_F16 -> 2;
      case D_TYPE_U8 -> 1;
      case D_TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new MalformedTensorException("dtype: " + dtype + " (expected: F32, BF16, F16, U8)");
    };
  }

  /** Bytes of the whole tensor. */
  public long wholeBytes() {
    return rows * rowBytes;
  }

  /** Bytes that travel. */
  public long travellingBytes() {
    return (padCount == 0 ? rows : rows - padCount + 1) * rowBytes;
  }

  private static void require(boolean holds, TensorHeader header, String value, String expected) {
    if (!holds) {
      throw new MalformedTensorException(
          "tensor \"" + header.getName() + "\": " + value + " (expected: " + expected + ")");
    }
  }
}
