package dev.fluxgate.engine.checkpoint;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import java.nio.file.Path;
import java.util.List;

/**
 * One tensor as a safetensors header describes it, before anything is checked against the data.
 *
 * @param dims extents, none negative
 * @param begin first byte, counted from the start of the data
 * @param end byte after the last
 */
record TensorEntry(String name, DType dtype, List<Long> dims, long begin, long end) {

  /** The range as it is written in the header. */
  String offsets() {
    return "data_offsets [" + begin + ", " + end + "]";
  }

  /**
   * The shape, once it is known to describe exactly the bytes of this range (formats spec §1.3,
   * rules 7 and 8).
   */
  Shape checkedShape(Path file) {
    long bytes;
    try {
      long count = 1;
      for (long dim : dims) {
        count = Math.multiplyExact(count, dim);
      }
      bytes = dtype.bytes(count);
    } catch (ArithmeticException tooLarge) {
      throw new CheckpointCorruptException(
          file,
          name,
          dtype + " " + dims,
          "a shape of whole bytes whose size fits 63 bits: " + tooLarge.getMessage());
    }
    if (bytes != end - begin) {
      throw new CheckpointCorruptException(
          file, name, offsets(), bytes + " bytes for " + dtype + " " + dims);
    }
    return new Shape(dims);
  }
}
