package dev.fluxgate.engine.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RoundingTest {

  @Test
  void agreesWithExactArithmeticOnTheNearestBfloat16() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      // Values near ties of bfloat16, off by less than a float32 can hold.
      double near = 1 + (random.nextInt(256) + 0.5) * 0x1p-7;
      double value = (near + random.nextInt(-2, 3) * 0x1p-45) * (random.nextBoolean() ? 1 : -1);
      assertThat(Rounding.round(DType.BF16, value)).as("%s", value).isEqualTo(nearest(value));
    }
  }

  @Test
  void keepsWhatAFloat32Holds() {
    for (float value : new float[] {0, -0f, 1, -3.5f, Float.MAX_VALUE, Float.MIN_VALUE}) {
      assertThat(Rounding.toOdd(value)).isEqualTo(value);
    }
    assertThat(Rounding.toOdd(Double.NaN)).isNaN();
    assertThat(Rounding.toOdd(Double.NEGATIVE_INFINITY)).isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Rounding.round(DType.F32, 1 + 0x1p-24)).isEqualTo(1);
  }

  /** The closer of the two neighbours, compared exactly; the even one on a tie. */
  private static float nearest(double value) {
    float below =
        Float.intBitsToFloat(Float.floatToRawIntBits((float) Math.abs(value)) & 0xFFFF0000);
    if (below > Math.abs(value)) {
      below = Float.intBitsToFloat(Float.floatToRawIntBits(below) - 0x10000);
    }
    float above = Float.intBitsToFloat(Float.floatToRawIntBits(below) + 0x10000);
    BigDecimal exact = BigDecimal.valueOf(0).add(new BigDecimal(Math.abs(value)));
    int closer =
        exact.subtract(new BigDecimal(below)).compareTo(new BigDecimal(above).subtract(exact));
    boolean belowIsEven = (Float.floatToRawIntBits(below) & 0x10000) == 0;
    float magnitude = closer < 0 || (closer == 0 && belowIsEven) ? below : above;
    return Math.copySign(magnitude, (float) value);
  }
}
