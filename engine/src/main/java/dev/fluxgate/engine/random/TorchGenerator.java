package dev.fluxgate.engine.random;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * torch's generator for the CPU: the same seed gives the same numbers, in the same order of draws
 * (formats spec §7, for x86 and torch 2.13 or later). Integers and uniforms are equal bit for bit;
 * normals of 16 elements and more as well.
 *
 * <p>Not for use by several threads at once.
 */
public final class TorchGenerator implements NoiseGenerator {
  /** From here on torch draws 64 bits for an integer. */
  private static final long RANGE_OF_64_BITS = 1L << 28;

  /** Above this torch's permutation takes another algorithm. */
  private static final int LARGEST_PERMUTATION = (int) (0xFFFF_FFFFL / 20);

  private static final ValueLayout.OfLong LONG = JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE = JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private final MersenneTwister engine;
  // The second normal of a pair drawn for fewer than 16 elements; the next such draw begins with
  // it.
  private double spareNormal;
  private boolean hasSpareNormal;

  /**
   * A generator in the state after {@code manual_seed(seed)}.
   *
   * @param seed as two's complement, so that torch's seeds up to 2⁶⁴ - 1 fit; the low 32 bits count
   */
  public TorchGenerator(long seed) {
    engine = new MersenneTwister(seed);
  }

  /**
   * {@code torch.randn}: standard normals.
   *
   * @param dtype F32, BF16, F16 or F64
   */
  @Override
  public HostTensor randn(Shape shape, DType dtype) {
    if (shape.count() < BoxMuller.GROUP) {
      return fill(dtype, shape, this::nextNormal);
    }
    return dtype == DType.F64 ? normalDoubles(shape) : normalFloats(shape, dtype);
  }

  /**
   * {@code torch.rand}: uniform in [0, 1). BF16 and F16 are rounded float32 draws, so that 1 itself
   * may occur.
   */
  public HostTensor rand(Shape shape, DType dtype) {
    return uniform(0, 1, shape, dtype);
  }

  /** {@code Tensor.uniform_}: uniform in [from, to). */
  public HostTensor uniform(double from, double to, Shape shape, DType dtype) {
    return switch (dtype) {
      case F64 -> fill(dtype, shape, () -> Math.fma(engine.nextDouble(), to - from, from));
      case F32, F16, BF16 -> fill(dtype, shape, () -> scaled(engine.nextFloat(), from, to));
      default -> throw notFloat(dtype);
    };
  }

  /** {@code torch.randint}: I64 integers in [low, high). */
  public HostTensor randint(long low, long high, Shape shape) {
    if (low >= high) {
      throw new IllegalArgumentException("low: " + low + " (expected: below high, " + high + ")");
    }
    // Unsigned: the range may be as large as 2^64 - 1.
    long range = high - low;
    HostTensor tensor = HostTensor.zeros(DType.I64, shape);
    for (long i = 0; i < shape.count(); i++) {
      long bits =
          Long.compareUnsigned(range, RANGE_OF_64_BITS) >= 0
              ? engine.next64()
              : Integer.toUnsignedLong(engine.next32());
      tensor.data().set(LONG, 8 * i, Long.remainderUnsigned(bits, range) + low);
    }
    return tensor;
  }

  /** {@code torch.randperm}: 0 … n-1 in random order, I64. */
  public HostTensor randperm(int n) {
    if (n < 0 || n >= LARGEST_PERMUTATION) {
      throw new IllegalArgumentException("n: " + n + " (expected: 0.." + LARGEST_PERMUTATION + ")");
    }
    HostTensor tensor = HostTensor.zeros(DType.I64, Shape.of(n));
    MemorySegment data = tensor.data();
    for (long i = 0; i < n; i++) {
      data.set(LONG, 8 * i, i);
    }
    for (long i = 0; i < n - 1; i++) {
      long other = i + Integer.remainderUnsigned(engine.next32(), (int) (n - i));
      long value = data.get(LONG, 8 * i);
      data.set(LONG, 8 * i, data.get(LONG, 8 * other));
      data.set(LONG, 8 * other, value);
    }
    return tensor;
  }

  /** {@code Tensor.exponential_}: exponentially distributed with {@code rate}. */
  public HostTensor exponential(double rate, Shape shape, DType dtype) {
    return fill(dtype, shape, () -> -1 / rate * Math.log1p(-engine.nextDouble()));
  }

  /**
   * {@code torch.multinomial}: indices drawn with the weights of each row.
   *
   * @param probabilities (rows, n) or (n); float32, none negative, need not sum to 1
   * @param samples how many indices a row
   * @return (rows, samples) or (samples), I64
   */
  public HostTensor multinomial(HostTensor probabilities, int samples, boolean replacement) {
    return Multinomial.draw(this, probabilities, samples, replacement);
  }

  /**
   * {@code randn_tensor} of diffusers (formats spec §7.5): one generator, or a list of one, draws
   * the whole batch at once; a list of as many generators as samples draws one sample each.
   *
   * @param shape (B, …)
   */
  public static HostTensor randnTensor(
      List<? extends NoiseGenerator> generators, Shape shape, DType dtype) {
    if (generators.size() == 1) {
      return generators.getFirst().randn(shape, dtype);
    }
    long batch = shape.rank() == 0 ? 1 : shape.dim(0);
    if (generators.size() != batch) {
      throw new IllegalArgumentException(
          "generators: " + generators.size() + " (expected: 1 or one per sample, " + batch + ")");
    }
    HostTensor all = HostTensor.zeros(dtype, shape);
    for (int i = 0; i < batch; i++) {
      HostTensor sample = all.slice(i, 1);
      sample.data().copyFrom(generators.get(i).randn(sample.shape(), dtype).data());
    }
    return all;
  }

  /** Uniform in [0, 1) with 53 bits. */
  double nextDouble() {
    return engine.nextDouble();
  }

  /** One normal of a pair, in double precision; its partner is kept for the next call. */
  private double nextNormal() {
    if (hasSpareNormal) {
      hasSpareNormal = false;
      return spareNormal;
    }
    double theta = 2 * Math.PI * engine.nextDouble();
    double radius = Math.sqrt(-2 * Math.log1p(-engine.nextDouble()));
    spareNormal = radius * Math.sin(theta);
    hasSpareNormal = true;
    return radius * Math.cos(theta);
  }

  /**
   * An incomplete last group is replaced by a new one that overlaps the group before it. Float32
   * has drawn uniforms for all elements by then, the narrow types only for whole groups.
   */
  private HostTensor normalFloats(Shape shape, DType dtype) {
    float[] x = new float[Math.toIntExact(shape.count())];
    int whole = x.length - x.length % BoxMuller.GROUP;
    int first = dtype == DType.F32 ? x.length : whole;
    for (int i = 0; i < first; i++) {
      x[i] = engine.nextFloat();
    }
    for (int i = 0; i < whole; i += BoxMuller.GROUP) {
      BoxMuller.transform(x, i);
    }
    if (whole < x.length) {
      for (int i = x.length - BoxMuller.GROUP; i < x.length; i++) {
        x[i] = engine.nextFloat();
      }
      BoxMuller.transform(x, x.length - BoxMuller.GROUP);
    }
    return HostTensor.of(dtype, shape, x);
  }

  private HostTensor normalDoubles(Shape shape) {
    double[] x = new double[Math.toIntExact(shape.count())];
    for (int i = 0; i < x.length; i++) {
      x[i] = engine.nextDouble();
    }
    for (int i = 0; i + BoxMuller.GROUP <= x.length; i += BoxMuller.GROUP) {
      BoxMuller.transform(x, i);
    }
    if (x.length % BoxMuller.GROUP != 0) {
      int last = x.length - BoxMuller.GROUP;
      for (int i = last; i < x.length; i++) {
        x[i] = engine.nextDouble();
      }
      BoxMuller.transform(x, last);
    }
    HostTensor tensor = HostTensor.zeros(DType.F64, shape);
    for (int i = 0; i < x.length; i++) {
      tensor.data().set(DOUBLE, 8L * i, x[i]);
    }
    return tensor;
  }

  private static HostTensor fill(DType dtype, Shape shape, DoubleSupplier values) {
    HostTensor tensor = HostTensor.zeros(dtype, shape);
    for (long i = 0; i < shape.count(); i++) {
      double value = values.getAsDouble();
      switch (dtype) {
        case F64 -> tensor.data().set(DOUBLE, 8 * i, value);
        case F32, F16, BF16 -> tensor.set(i, (float) value);
        default -> throw notFloat(dtype);
      }
    }
    return tensor;
  }

  private static double scaled(float uniform, double from, double to) {
    return Math.fma(uniform, (float) to - (float) from, (float) from);
  }

  private static IllegalArgumentException notFloat(DType dtype) {
    return new IllegalArgumentException("dtype: " + dtype + " (expected: F32, BF16, F16 or F64)");
  }
}
