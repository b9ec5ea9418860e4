package dev.fluxgate.cli.golden;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class DeviationTest {
  private static final float NAN = Float.NaN;

  @Test
  void measuresTheLargestAndTheMeanDistance() {
    Deviation deviation = Deviation.of(floats(1, 2, 3, 4), floats(1, 2.5f, 3, 3));

    assertThat(deviation.maxAbs()).isEqualTo(1);
    assertThat(deviation.meanAbs()).isEqualTo(0.375);
  }

  @Test
  void toleratesUpToTheBound() {
    Deviation deviation = new Deviation(0.5, 0.1);

    assertThat(deviation.isWithin(new Tolerance(0.5, 0.1))).isTrue();
    assertThat(deviation.isWithin(new Tolerance(0.4, 0.1))).isFalse();
    assertThat(deviation.isWithin(new Tolerance(0.5, 0.05))).isFalse();
  }

  @Test
  void takesNotANumberForInfinitelyWrongUnlessBothAre() {
    assertThat(Deviation.of(floats(1, NAN), floats(1, NAN))).isEqualTo(new Deviation(0, 0));
    assertThat(Deviation.of(floats(1, 2), floats(1, NAN)).maxAbs()).isInfinite();
    assertThat(Deviation.of(floats(NAN, 2), floats(1, 2)).maxAbs()).isInfinite();
    assertThat(Deviation.of(floats(NAN), floats(NAN)).isWithin(Tolerance.EXACT)).isTrue();
  }

  @Test
  void tellsLargeIntegersApart() {
    Deviation deviation = Deviation.of(longs(Long.MAX_VALUE, 5), longs(Long.MAX_VALUE - 1, 5));

    assertThat(deviation.isWithin(Tolerance.EXACT)).isFalse();
  }

  @Test
  void comparesAcrossTypes() {
    HostTensor half = HostTensor.of(DType.BF16, Shape.of(2), 1.5f, -2);

    assertThat(Deviation.of(floats(1.5f, -2), half)).isEqualTo(new Deviation(0, 0));
  }

  private static HostTensor floats(float... values) {
    return HostTensor.of(DType.F32, Shape.of(values.length), values);
  }

  private static HostTensor longs(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return new HostTensor(DType.I64, Shape.of(values.length), MemorySegment.ofArray(bytes.array()));
  }
}
