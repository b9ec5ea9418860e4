package dev.fluxgate.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BFloat16Test {

  @ParameterizedTest
  @CsvSource({
    "0x1.00p0, 0x1.00p0",
    // Halfway between 1 and 1 + 2⁻⁷: to the even 1; the next tie to the even above.
    "0x1.01p0, 0x1.00p0",
    "0x1.03p0, 0x1.04p0",
    // A float32 step off the tie decides it.
    "0x1.010002p0, 0x1.02p0",
    "0x1.02fffep0, 0x1.02p0",
    // The carry runs into the exponent.
    "0x1.ffp0, 0x1.0p1",
    "-0x1.01p0, -0x1.00p0",
    "-0x1.03p0, -0x1.04p0",
    // Klein's first step of four.
    "-0.03261596, -0.03271484375"
  })
  void roundsToNearestWithTiesToEven(float value, float expected) {
    assertThat(BFloat16.round(value)).isEqualTo(expected);
  }

  @Test
  void overflowsToInfinity() {
    assertThat(BFloat16.round(Float.MAX_VALUE)).isEqualTo(Float.POSITIVE_INFINITY);
    assertThat(BFloat16.round(-Float.MAX_VALUE)).isEqualTo(Float.NEGATIVE_INFINITY);
    float largest = Float.intBitsToFloat(0x7F7F0000);
    assertThat(BFloat16.round(largest)).isEqualTo(largest);
    assertThat(BFloat16.round(Float.intBitsToFloat(0x7F7F7FFF))).isEqualTo(largest);
    assertThat(BFloat16.round(Float.POSITIVE_INFINITY)).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void keepsEveryNotANumber() {
    assertThat(BFloat16.round(Float.NaN)).isNaN();
    // Its payload lies in the half that is cut off.
    assertThat(BFloat16.round(Float.intBitsToFloat(0x7F800001))).isNaN();
    assertThat(BFloat16.round(Float.intBitsToFloat(0xFFFFFFFF))).isNaN();
  }

  @Test
  void keepsTheSignOfZeroAndSubnormals() {
    assertThat(Float.floatToRawIntBits(BFloat16.round(-0f))).isEqualTo(0x80000000);
    float smallest = Float.intBitsToFloat(0x00010000);
    assertThat(BFloat16.round(smallest)).isEqualTo(smallest);
    assertThat(BFloat16.round(smallest / 2)).as("a tie").isZero();
  }

  @Test
  void roundTripsEveryBfloat16() {
    for (int bits = 0; bits < 0x10000; bits++) {
      float value = BFloat16.toFloat((short) bits);
      if (!Float.isNaN(value)) {
        assertThat(BFloat16.fromFloat(value)).isEqualTo((short) bits);
      }
    }
  }
}
