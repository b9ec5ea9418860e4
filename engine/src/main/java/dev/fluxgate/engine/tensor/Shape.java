package dev.fluxgate.engine.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Extents of an array, outermost first. Rank 0 is a scalar; zero extents are legal.
 *
 * @param dims the extents, none negative
 */
public record Shape(List<Long> dims) {

  /** Checks that no extent is negative and that the number of elements fits a long. */
  public Shape {
    dims = List.copyOf(dims);
    long count = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("shape: " + dims + " (expected: no negative extent)");
      }
      count = Math.multiplyExact(count, dim);
    }
  }

  /** The shape with these extents. */
  public static Shape of(long... dims) {
    return new Shape(Arrays.stream(dims).boxed().toList());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.size();
  }

  /** Extent of dimension {@code index}. */
  public long dim(int index) {
    return dims.get(index);
  }

  /** Extent of dimension {@code index} as an int, for loops. */
  public int size(int index) {
    return Math.toIntExact(dim(index));
  }

  /** Number of elements. */
  public long count() {
    return product(rank());
  }

  /** Extent of the last dimension; 1 for a scalar. */
  public long columns() {
    return dims.isEmpty() ? 1 : dims.getLast();
  }

  /** Product of all extents but the last. */
  public long rows() {
    return product(rank() - 1);
  }

  /** As it is written in errors and tables: {@code [2, 3]}. */
  @Override
  public String toString() {
    return dims.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }

  private long product(int count) {
    long product = 1;
    for (int i = 0; i < count; i++) {
      product *= dims.get(i);
    }
    return product;
  }
}
