package dev.fluxgate.proto.tensor;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.PadRow;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.TensorHeader;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;

/**
 * Bytes of an array ⇄ header and chunks. A sender {@link #pack packs} and sends {@link #chunks}; a
 * receiver feeds a {@link TensorReceiver} and {@link #unpack unpacks}. All bytes are little-endian
 * and row-major; a buffer is read from its position to its limit and left as it was.
 */
public final class TensorChunks {
  /** Most bytes of one chunk. */
  public static final int MAX_CHUNK_BYTES = 1 << 20;

  private TensorChunks() {}

  /**
   * Copies a tensor into the form in which it travels. The longest run of rows that are equal bit
   * for bit is replaced by one of them: left padding costs one row in place of hundreds.
   *
   * @param shape extents, outermost first
   * @param bytes the elements; may be reused as soon as this returns
   * @throws MalformedTensorException if shape and bytes disagree
   */
  public static PackedTensor pack(String name, DType dtype, long[] shape, ByteBuffer bytes) {
    ByteBuffer whole = bytes.duplicate();
    TensorHeader.Builder header = TensorHeader.newBuilder().setName(name).setDtype(dtype);
    long expected = TensorGeometry.elementBytes(dtype);
    for (long extent : shape) {
      header.addShape(extent);
      expected = Math.multiplyExact(expected, extent);
    }
    if (shape.length == 0 || shape[0] < 1 || expected < 1 || expected != whole.remaining()) {
      throw new MalformedTensorException(
          "tensor \""
              + name
              + "\": shape: "
              + header.getShapeList()
              + " with "
              + whole.remaining()
              + " bytes (expected: positive extents that make up the bytes)");
    }
    int rowBytes = (int) (expected / shape[0]);
    PadRow pad = longestRun(whole, rowBytes);
    ByteString data;
    if (pad.getCount() < 2) {
      data = ByteString.copyFrom(whole.duplicate());
    } else {
      header.setPadRow(pad);
      data = withoutRepeats(whole, rowBytes, pad);
    }
    header.setByteSize(data.size()).setSha256(ContentHash.of(data));
    return new PackedTensor(header.build(), data);
  }

  /**
   * The chunks from byte {@code offset} on, made one by one as they are asked for; they share the
   * tensor's bytes.
   */
  public static Iterator<TensorChunk> chunks(PackedTensor tensor, long offset) {
    return chunks(tensor.data(), offset);
  }

  /** The chunks of any bytes from {@code offset} on, as those of a tensor. */
  public static Iterator<TensorChunk> chunks(ByteString data, long offset) {
    if (offset < 0 || offset > data.size()) {
      throw new IndexOutOfBoundsException(
          "offset: " + offset + " (expected: 0.." + data.size() + ")");
    }
    return new Iterator<>() {
      private int next = (int) offset;

      @Override
      public boolean hasNext() {
        return next < data.size();
      }

      @Override
      public TensorChunk next() {
        if (!hasNext()) {
          throw new NoSuchElementException("chunk at " + next);
        }
        int end = (int) Math.min(data.size(), (long) next + MAX_CHUNK_BYTES);
        TensorChunk chunk =
            TensorChunk.newBuilder().setOffset(next).setData(data.substring(next, end)).build();
        next = end;
        return chunk;
      }
    };
  }

  /**
   * Writes the whole tensor, repeated rows included, into {@code destination}.
   *
   * @param destination at least {@link TensorGeometry#wholeBytes} long; its position moves
   * @throws MalformedTensorException if the header contradicts itself or exceeds the limits
   */
  public static void unpack(PackedTensor tensor, TensorLimits limits, ByteBuffer destination) {
    TensorGeometry geometry = TensorGeometry.of(tensor.header(), limits);
    if (destination.remaining() < geometry.wholeBytes()) {
      throw new IllegalArgumentException(
          "destination: "
              + destination.remaining()
              + " bytes (expected: at least "
              + geometry.wholeBytes()
              + ")");
    }
    ByteString data = tensor.data();
    if (geometry.padCount() == 0) {
      data.copyTo(destination);
      return;
    }
    int rowBytes = (int) geometry.rowBytes();
    int before = rowBytes + (int) geometry.padFirst() * rowBytes;
    ByteString padRow = data.substring(0, rowBytes);
    data.substring(rowBytes, before).copyTo(destination);
    for (long i = 0; i < geometry.padCount(); i++) {
      padRow.copyTo(destination);
    }
    data.substring(before).copyTo(destination);
  }

  private static PadRow longestRun(ByteBuffer whole, int rowBytes) {
    int rows = whole.remaining() / rowBytes;
    int bestFirst = 0;
    int bestCount = 1;
    int first = 0;
    for (int row = 1; row < rows; row++) {
      if (!row(whole, first, 1, rowBytes).equals(row(whole, row, 1, rowBytes))) {
        first = row;
      }
      if (row - first + 1 > bestCount) {
        bestFirst = first;
        bestCount = row - first + 1;
      }
    }
    return PadRow.newBuilder().setFirst(bestFirst).setCount(bestCount).build();
  }

  private static ByteString withoutRepeats(ByteBuffer whole, int rowBytes, PadRow pad) {
    int rows = whole.remaining() / rowBytes;
    int first = (int) pad.getFirst();
    int after = first + (int) pad.getCount();
    return ByteString.copyFrom(row(whole, first, 1, rowBytes))
        .concat(ByteString.copyFrom(row(whole, 0, first, rowBytes)))
        .concat(ByteString.copyFrom(row(whole, after, rows - after, rowBytes)));
  }

  private static ByteBuffer row(ByteBuffer whole, int from, int count, int rowBytes) {
    return whole.slice(whole.position() + from * rowBytes, count * rowBytes);
  }
}
