package dev.fluxgate.engine.backend.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SquareSumTest {
  /** What x.pow(2).sum(-1) of torch 2.15.0 gives on a CPU. */
  @ParameterizedTest
  @CsvSource({
    "0, 0x0p0",
    "20, 0x1.45dc9ap8",
    "44, 0x1.618d6p9",
    "127, 0x1.013964p11",
    "136, 0x1.1037ep11",
    "4136, 0x1.0164b4p16",
    "5120, 0x1.3e9b5p16",
    "20000, 0x1.370294p18",
    "20010, 0x1.3732b8p18"
  })
  void addsInTheOrderOfTheReference(int count, String sum) {
    float[] x = new float[3 + count];
    for (int i = 0; i < count; i++) {
      x[3 + i] = (i * 7919 % 1009 - 504) * 0.0137f;
    }
    float[] used = new float[SquareSum.SUMS];
    Arrays.fill(used, Float.NaN);
    assertThat(SquareSum.of(x, 3, count, used)).isEqualTo(Float.parseFloat(sum));
  }
}
