package dev.fluxgate.engine.random;

/**
 * Uniform → normal, sixteen at a time, as torch does it (formats spec §7.2): of each group the
 * first eight numbers give radii, the last eight angles.
 *
 * <p>The float32 path repeats, operation by operation, the Cephes polynomials (Moshier, 1988) that
 * torch evaluates on x86 with fused multiply-add, so that results are equal bit for bit; correctly
 * rounded library functions would differ in the last place.
 */
// The constants stand as they were published, with more digits than a float32 holds.
@SuppressWarnings("FloatingPointLiteralPrecision")
final class BoxMuller {
  /** Numbers transformed together. */
  static final int GROUP = 16;

  private static final int HALF = GROUP / 2;
  private static final float TWO_PI = (float) (2 * Math.PI);
  private static final float SQRT_HALF = 0.707106781186547524f;
  private static final float[] LOG = {
    7.0376836292E-2f,
    -1.1514610310E-1f,
    1.1676998740E-1f,
    -1.2420140846E-1f,
    1.4249322787E-1f,
    -1.6668057665E-1f,
    2.0000714765E-1f,
    -2.4999993993E-1f,
    3.3333331174E-1f,
  };

  private BoxMuller() {}

  /** Turns the sixteen uniforms from {@code x[offset]} into normals. */
  static void transform(float[] x, int offset) {
    for (int j = offset; j < offset + HALF; j++) {
      float radius = (float) Math.sqrt(-2f * log(1f - x[j]));
      float theta = TWO_PI * x[j + HALF];
      // Adding zero turns a negative zero into a positive one, as torch's scaling by std and mean.
      float sin = radius * sin(theta) + 0f;
      x[j] = radius * cos(theta) + 0f;
      x[j + HALF] = sin;
    }
  }

  /** The same in double precision with the library's functions, as torch does for float64. */
  static void transform(double[] x, int offset) {
    for (int j = offset; j < offset + HALF; j++) {
      double radius = Math.sqrt(-2 * Math.log(1 - x[j]));
      double theta = 2 * Math.PI * x[j + HALF];
      x[j] = radius * Math.cos(theta);
      x[j + HALF] = radius * Math.sin(theta);
    }
  }

  /** Natural logarithm of x in (0, 1]. */
  private static float log(float x) {
    int bits = Float.floatToRawIntBits(Math.max(x, Float.MIN_NORMAL));
    float e = (bits >>> 23) - 126;
    float m = Float.intBitsToFloat((bits & 0x007FFFFF) | 0x3F000000);
    if (m < SQRT_HALF) {
      e -= 1;
      m = (m - 1) + m;
    } else {
      m = m - 1;
    }
    float z = m * m;
    float y = LOG[0];
    for (int k = 1; k < LOG.length; k++) {
      y = Math.fma(y, m, LOG[k]);
    }
    y = y * m;
    y = Math.fma(y, z, e * -2.12194440e-4f);
    y = Math.fma(z, -0.5f, y);
    return Math.fma(e, 0.693359375f, m + y);
  }

  private static float sin(float theta) {
    int octant = octant(theta);
    float x = reduce(theta, octant);
    float value = (octant & 2) == 0 ? sinPolynomial(x) : cosPolynomial(x);
    return (octant & 4) == 0 ? value : -value;
  }

  private static float cos(float theta) {
    int octant = octant(theta);
    float x = reduce(theta, octant);
    float value = (octant & 2) == 0 ? cosPolynomial(x) : sinPolynomial(x);
    return (~(octant - 2) & 4) == 0 ? value : -value;
  }

  /** The nearest even number of eighths of a turn. */
  private static int octant(float theta) {
    return ((int) (theta * 1.27323954473516f) + 1) & ~1;
  }

  /** What is left of theta: in [-π/4, π/4]; π/4 is subtracted in three parts. */
  private static float reduce(float theta, int octant) {
    float x = Math.fma(octant, -0.78515625f, theta);
    x = Math.fma(octant, -2.4187564849853515625e-4f, x);
    return Math.fma(octant, -3.77489497744594108e-8f, x);
  }

  private static float cosPolynomial(float x) {
    float z = x * x;
    float c = Math.fma(2.443315711809948E-5f, z, -1.388731625493765E-3f);
    c = Math.fma(c, z, 4.166664568298827E-2f);
    c = c * z;
    return Math.fma(c, z, -(z * 0.5f)) + 1f;
  }

  private static float sinPolynomial(float x) {
    float z = x * x;
    float s = Math.fma(-1.9515295891E-4f, z, 8.3321608736E-3f);
    s = Math.fma(s, z, -1.6666654611E-1f);
    return Math.fma(s * z, x, x);
  }
}
