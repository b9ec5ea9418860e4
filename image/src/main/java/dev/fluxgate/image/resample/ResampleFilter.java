package dev.fluxgate.image.resample;

/** How much each pixel near the place of a new one counts, by its distance. */
public enum ResampleFilter {
  /** sinc(x)·sinc(x/3). */
  LANCZOS(3) {
    @Override
    double at(double x) {
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
    }
  },
  /** The cubic of Keys, a = −½. */
  BICUBIC(2) {
    @Override
    double at(double x) {
      double d = Math.abs(x);
      if (d < 1) {
        return ((A + 2) * d - (A + 3)) * d * d + 1;
      }
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
    }
  },
  /** A triangle. */
  BILINEAR(1) {
    @Override
    double at(double x) {
      return Math.max(1 - Math.abs(x), 0);
    }
  };

  private static final double A = -0.5;

  private final double radius;

  ResampleFilter(double radius) {
    this.radius = radius;
  }

  /** Distance beyond which nothing counts. */
  double radius() {
    return radius;
  }

  abstract double at(double x);

  private static double sinc(double x) {
    return x == 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
  }
}
