package dev.fluxgate.denoiser.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RidgeRegressionTest {
  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void findsTheLineThatTheSamplesLieOn() {
    RidgeRegression regression = new RidgeRegression(2, 2);
    for (int i = 0; i < 500; i++) {
      double[] x = {random.nextDouble(-2, 2), random.nextDouble(-2, 2)};
      regression.add(x, new double[] {3 * x[0] - x[1] + 0.5, 7});
    }

    double[][] fitted = regression.solve();

    // Weights cost a little: up to RIDGE / variance of an input, 0.01 / 1.33, of themselves.
    assertThat(fitted[0]).containsExactly(new double[] {3, -1, 0.5}, within(0.03));
    assertThat(fitted[1]).containsExactly(new double[] {0, 0, 7}, within(0.01));
  }

  @Test
  void givesNoWeightToAnInputThatSaysNothing() {
    RidgeRegression regression = new RidgeRegression(2, 1);
    for (int i = 0; i < 100; i++) {
      double x = random.nextDouble(-1, 1);
      regression.add(new double[] {x, 0}, new double[] {x});
    }
    assertThat(regression.solve()[0][1]).isZero();
  }

  @Test
  void staysTameWithFewerSamplesThanWeights() {
    RidgeRegression regression = new RidgeRegression(8, 1);
    regression.add(new double[] {1, -1, 1, -1, 1, -1, 1, -1}, new double[] {0.25});

    double[] fitted = regression.solve()[0];

    assertThat(fitted).hasSize(9);
    assertThat(fitted[8]).isEqualTo(0.25, within(1e-9));
    for (int i = 0; i < 8; i++) {
      assertThat(fitted[i]).isEqualTo(0, within(1e-9));
    }
  }
}
