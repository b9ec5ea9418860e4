package dev.fluxgate.denoiser.preview;

/**
 * Linear regression with a constant, y ≈ A·x + b, by the normal equations in float64. Weights cost
 * a little, the constant nothing: where few samples say little of an input, it gets a small weight
 * and not a wild one.
 */
final class RidgeRegression {
  /** Cost of a weight of 1, as a part of what an input of variance 1 explains. */
  private static final double RIDGE = 0.01;

  private final int inputs;
  private final double[][] moments;
  private final double[][] products;
  private int samples;

  /** No samples yet, of {@code inputs} numbers of variance 1 or so, and {@code outputs} numbers. */
  RidgeRegression(int inputs, int outputs) {
    this.inputs = inputs;
    moments = new double[inputs + 1][inputs + 1];
    products = new double[outputs][inputs + 1];
  }

  /** One sample. */
  void add(double[] x, double[] y) {
    samples++;
    for (int i = 0; i <= inputs; i++) {
      double left = at(x, i);
      for (int j = 0; j <= i; j++) {
        moments[i][j] += left * at(x, j);
      }
      for (int output = 0; output < products.length; output++) {
        products[output][i] += left * y[output];
      }
    }
  }

  /** The last input is the constant 1. */
  private double at(double[] x, int i) {
    return i < inputs ? x[i] : 1;
  }

  /** For each output its weights of the inputs, then its constant. */
  double[][] solve() {
    double[][] lower = cholesky();
    double[][] solution = new double[products.length][];
    for (int output = 0; output < products.length; output++) {
      solution[output] = substitute(lower, products[output]);
    }
    return solution;
  }

  /** L of moments + ridge = L·Lᵀ. */
  private double[][] cholesky() {
    double[][] lower = new double[inputs + 1][inputs + 1];
    for (int i = 0; i <= inputs; i++) {
      for (int j = 0; j <= i; j++) {
        double rest = moments[i][j];
        for (int k = 0; k < j; k++) {
          rest -= lower[i][k] * lower[j][k];
        }
        double ridge = i < inputs ? RIDGE * samples : 0;
        lower[i][j] = i == j ? Math.sqrt(rest + ridge) : rest / lower[j][j];
      }
    }
    return lower;
  }

  /** x of L·Lᵀ·x = y. */
  private static double[] substitute(double[][] lower, double[] y) {
    int n = y.length;
    double[] x = y.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= lower[i][k] * x[k];
      }
      x[i] /= lower[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= lower[k][i] * x[k];
      }
      x[i] /= lower[i][i];
    }
    return x;
  }
}
