package dev.fluxgate.engine.backend.cuda.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of a structure of calls.cuh, field by field, each aligned to its own size. */
final class CallBytes {
  private final ByteBuffer bytes;

  /** A structure of {@code size} bytes, of which all are written. */
  CallBytes(int size) {
    bytes = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  CallBytes put(int value) {
    bytes.putInt(value);
    return this;
  }

  CallBytes put(float value) {
    bytes.putFloat(value);
    return this;
  }

  /** A pointer, 0 for none. */
  CallBytes pointer(long address) {
    bytes.position(Math.ceilDiv(bytes.position(), Long.BYTES) * Long.BYTES);
    bytes.putLong(address);
    return this;
  }

  CallBytes put(DeviceMatrix matrix) {
    return pointer(matrix.address())
        .pointer(matrix.stride())
        .put(matrix.rows())
        .put(matrix.columns())
        .put(matrix.type())
        .put(0);
  }

  CallBytes put(CudaCalls.Steps steps) {
    return put(steps.kind()).put(0).pointer(steps.bias()).put(steps.operand()).put(steps.gate());
  }

  CallBytes put(int[] values, int places) {
    for (int i = 0; i < places; i++) {
      bytes.putInt(i < values.length ? values[i] : 0);
    }
    return this;
  }

  /** All bytes, the padding at the end zero. */
  MemorySegment toSegment() {
    if (Math.ceilDiv(bytes.position(), Long.BYTES) * Long.BYTES != bytes.capacity()) {
      throw new IllegalStateException(
          "argument: %d bytes (expected: %d)".formatted(bytes.position(), bytes.capacity()));
    }
    return MemorySegment.ofArray(bytes.array());
  }
}
