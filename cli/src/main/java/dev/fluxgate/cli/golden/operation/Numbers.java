package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Numbers of a case description as the code under test wants them. */
public final class Numbers {
  private Numbers() {}

  /** As the names of outputs number runs: 00, 01. */
  public static String padded(int index) {
    return String.format(Locale.ROOT, "%02d", index);
  }

  /** (n), float32. */
  public static HostTensor tensor(float... values) {
    return HostTensor.of(DType.F32, Shape.of(values.length), values);
  }

  /** (n), float64. */
  public static HostTensor doubles(double... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return new HostTensor(DType.F64, Shape.of(values.length), MemorySegment.ofArray(bytes.array()));
  }

  /** 64-bit integers, as torch keeps tokens. */
  public static HostTensor longs(Shape shape, int... values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Long.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putLong(value);
    }
    return new HostTensor(DType.I64, shape, MemorySegment.ofArray(bytes.array()));
  }

  /** The numbers of a JSON list. */
  public static float[] floats(JsonNode list) {
    float[] values = new float[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) list.get(i).doubleValue();
    }
    return values;
  }

  /** The integers of a JSON list. */
  public static List<Integer> ints(JsonNode list) {
    List<Integer> values = new ArrayList<>();
    list.forEach(value -> values.add(value.intValue()));
    return values;
  }

  /** Arrays of one type, one behind the other, under {@code shape}. */
  public static HostTensor stack(List<HostTensor> arrays, Shape shape) {
    HostTensor all = HostTensor.zeros(arrays.getFirst().dtype(), shape);
    long at = 0;
    for (HostTensor array : arrays) {
      all.data().asSlice(at, array.data().byteSize()).copyFrom(array.data());
      at += array.data().byteSize();
    }
    return all;
  }

  /** The reference repeats the angle of a pair for both its features. */
  public static HostTensor eachTwice(HostTensor pairs) {
    Shape s = pairs.shape();
    HostTensor out = HostTensor.zeros(pairs.dtype(), Shape.of(s.dim(0), 2 * s.dim(1)));
    for (long i = 0; i < out.shape().count(); i++) {
      out.set(i, pairs.get(i / 2));
    }
    return out;
  }
}
