package dev.fluxgate.engine.backend.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.fluxgate.engine.tensor.BFloat16;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LanesTest {
  @Test
  void addsLanesInTheSameOrderInterpretedAndCompiled() {
    float[] values = new float[Lanes.COUNT];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * (1 << random.nextInt(20));
    }
    float first = Lanes.sum(FloatVector.fromArray(Lanes.FLOATS, values, 0));
    for (int i = 0; i < 200_000; i++) {
      float sum = Lanes.sum(FloatVector.fromArray(Lanes.FLOATS, values, 0));
      if (sum != first) {
        assertThat(sum).as("sum number %d", i).isEqualTo(first);
      }
    }
    double expected = IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
    assertThat((double) first).isCloseTo(expected, within(1e-6 * expected));
  }

  @ParameterizedTest
  @ValueSource(floats = {-80f, -20.5f, -1f, -0.1f, 0f, 1e-6f, 0.3f, 1f, 10f, 80f})
  void raisesEToAPowerToTheLastPlace(float x) {
    float[] values = lanes(x);
    Lanes.exp(FloatVector.fromArray(Lanes.FLOATS, values, 0)).intoArray(values, 0);
    double expected = Math.exp(x);
    for (int i = 0; i < Lanes.COUNT; i++) {
      assertThat((double) values[i]).isCloseTo(expected, within(1.1 * Math.ulp((float) expected)));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-87.5f, -1e30f, Float.NEGATIVE_INFINITY})
  void raisesEToNextToNothing(float x) {
    float[] values = lanes(x);
    Lanes.exp(FloatVector.fromArray(Lanes.FLOATS, values, 0)).intoArray(values, 0);
    assertThat(values[0]).isBetween(0f, 0x1p-125f);
  }

  @ParameterizedTest
  @ValueSource(floats = {-20f, -7.5f, -1f, -0.6931472f, -0.3f, -1e-6f, 0f})
  void raisesEQuicklyWithinATenThousandth(float x) {
    float[] values = lanes(x);
    Lanes.quickExp(FloatVector.fromArray(Lanes.FLOATS, values, 0)).intoArray(values, 0);
    double expected = Math.exp(x);
    for (int i = 0; i < Lanes.COUNT; i++) {
      assertThat((double) values[i]).isCloseTo(expected, within(1.1e-4 * expected));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {-30f, -90f, -1e30f, Float.NEGATIVE_INFINITY})
  void raisesEQuicklyToNextToNothing(float x) {
    float[] values = lanes(x);
    Lanes.quickExp(FloatVector.fromArray(Lanes.FLOATS, values, 0)).intoArray(values, 0);
    assertThat(values[0]).isBetween(0f, 0x1p-30f);
  }

  @ParameterizedTest
  @ValueSource(floats = {-200f, -20f, -1f, 0f, 0.5f, 30f, 200f})
  void givesSiluOfLargeAndSmallValues(float x) {
    float[] values = lanes(x);
    Elementwise.silu(values, values.length);
    double expected = x / (1 + Math.exp(-(double) x));
    for (float value : values) {
      assertThat((double) value).isCloseTo(expected, within(1e-6 * Math.abs(expected) + 1e-30));
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {
        0f,
        -0f,
        1f,
        0x1.01p0f,
        0x1.03p0f,
        -3.14159f,
        1e-40f,
        3.4e38f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
      })
  void roundsToBfloat16AsTheScalarDoes(float x) {
    float[] values = lanes(x);
    int count = values.length;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(2L * count);
      FloatRows.narrow(values, count, stored, 0);
      for (int i = 0; i < count; i++) {
        assertThat(stored.getAtIndex(ValueLayout.JAVA_SHORT, i)).isEqualTo(BFloat16.fromFloat(x));
      }
      FloatRows.widen(stored, 0, count, values, 0);
      for (float value : values) {
        assertThat(value).isEqualTo(Float.valueOf(BFloat16.round(x)));
      }
    }
  }

  /** A vector of x and a tail that fills none. */
  private static float[] lanes(float x) {
    float[] values = new float[Lanes.COUNT + 3];
    Arrays.fill(values, x);
    return values;
  }
}
