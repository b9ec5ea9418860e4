package dev.fluxgate.engine.tensor;

import java.lang.foreign.MemorySegment;

/**
 * A view of activation memory. Row-major; the last dimension is contiguous; a <em>row</em> is one
 * run of the last dimension, and rows may be spaced, so that a range of columns is a view too.
 *
 * <p>Models hand tensors to a back end and never touch their bytes.
 *
 * @param dtype element type
 * @param shape extents, at least one dimension
 * @param rowStride elements from the start of one row to the start of the next, at least the width
 * @param offset elements from the start of the storage to the first element
 * @param storage where the bytes lie
 */
public record Tensor(DType dtype, Shape shape, long rowStride, long offset, Storage storage) {

  /** Checks that the view lies inside its storage. */
  public Tensor {
    if (shape.rank() == 0 || rowStride < shape.columns() || offset < 0) {
      throw new IllegalArgumentException(
          "shape: "
              + shape
              + ", row stride: "
              + rowStride
              + ", offset: "
              + offset
              + " (expected: rank >= 1, stride >= width, offset >= 0)");
    }
    long end = shape.count() == 0 ? 0 : offset + (shape.rows() - 1) * rowStride + shape.columns();
    if (dtype.bytes(end) > storage.byteSize()) {
      throw new IllegalArgumentException(
          "view ends at byte "
              + dtype.bytes(end)
              + " (expected: within the "
              + storage.byteSize()
              + " bytes of its storage)");
    }
  }

  /** A contiguous tensor at the start of {@code storage}. */
  public static Tensor of(DType dtype, Shape shape, Storage storage) {
    return new Tensor(dtype, shape, shape.columns(), 0, storage);
  }

  /** Number of rows: the product of all extents but the last. */
  public int rows() {
    return Math.toIntExact(shape.rows());
  }

  /** Elements of one row. */
  public int columns() {
    return Math.toIntExact(shape.columns());
  }

  /** Whether the rows follow each other without gaps. */
  public boolean isContiguous() {
    return rowStride == shape.columns() || rows() <= 1;
  }

  /** Rows {@code [from, from + count)} as a (count, columns) view. */
  public Tensor rows(int from, int count) {
    checkRange("rows", from, count, rows());
    return new Tensor(
        dtype, Shape.of(count, columns()), rowStride, offset + from * rowStride, storage);
  }

  /** Columns {@code [from, from + count)} of every row as a (rows, count) view. */
  public Tensor columns(int from, int count) {
    checkRange("columns", from, count, columns());
    return new Tensor(dtype, Shape.of(rows(), count), rowStride, offset + from, storage);
  }

  /** The same elements under another shape; the tensor must be contiguous. */
  public Tensor reshape(long... dims) {
    Shape other = Shape.of(dims);
    if (!isContiguous() || other.count() != shape.count()) {
      throw new IllegalArgumentException(
          "reshape: " + shape + " to " + other + " (expected: contiguous, as many elements)");
    }
    return new Tensor(dtype, other, other.columns(), offset, storage);
  }

  /** Whether this is the very same rows and columns as {@code other}, under whatever shape. */
  public boolean isSameView(Tensor other) {
    return dtype == other.dtype
        && rows() == other.rows()
        && columns() == other.columns()
        && rowStride == other.rowStride
        && offset == other.offset
        && storage.equals(other.storage);
  }

  /**
   * Whether an element of this and one of {@code other} share memory. Views of one storage with the
   * same spacing are told apart by their columns; others by the range from first to last element.
   */
  public boolean overlaps(Tensor other) {
    if (shape.count() == 0 || other.shape.count() == 0) {
      return false;
    }
    return switch (storage) {
      case Storage.Host(MemorySegment mine) ->
          other.storage instanceof Storage.Host(MemorySegment theirs)
              && mine.heapBase().equals(theirs.heapBase())
              && overlaps(mine.address(), other, theirs.address());
      case Storage.Device mine ->
          other.storage instanceof Storage.Device theirs
              && overlaps(mine.address(), other, theirs.address());
      case Storage.Planned _ -> false;
    };
  }

  /** The same, for storages that start at these addresses. */
  private boolean overlaps(long storageStart, Tensor other, long otherStorageStart) {
    long start = storageStart + dtype.bytes(offset);
    long otherStart = otherStorageStart + other.dtype.bytes(other.offset);
    if (start + extent() <= otherStart || otherStart + other.extent() <= start) {
      return false;
    }
    long stride = dtype.bytes(rowStride);
    long shift = Math.floorMod(start - otherStart, stride);
    boolean besides =
        stride == other.dtype.bytes(other.rowStride)
            && shift >= other.dtype.bytes(other.columns())
            && shift + dtype.bytes(columns()) <= stride;
    return !besides;
  }

  /** Bytes from the first element to behind the last. */
  private long extent() {
    return dtype.bytes((shape.rows() - 1) * rowStride + shape.columns());
  }

  private static void checkRange(String what, int from, int count, int limit) {
    if (from < 0 || count < 0 || from + (long) count > limit) {
      throw new IndexOutOfBoundsException(
          what
              + ": ["
              + from
              + ", "
              + (from + (long) count)
              + ") (expected: within 0.."
              + limit
              + ")");
    }
  }
}
