package dev.fluxgate.engine.backend.cpu.vector;

import java.util.List;
import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Vectors of float32, their bfloat16 halves, and the functions on them that Java lacks. */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());

  /** As many shorts as {@link #FLOATS} has floats. */
  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  static final int COUNT = FLOATS.length();

  static final float LOG2_E = 1.442695f;

  /** Every GELU of this and of less is 0 beside anything that it meets. */
  private static final float GELU_ZERO = -30;

  /** Adding and subtracting it rounds a small float to an integer: 1.5 · 2²³. */
  private static final float ROUNDER = 12582912f;

  /**
   * Takes the bits of {@link #ROUNDER}, moved by the 6 bits that a mantissa lacks, to those of 1.
   */
  private static final int ROUNDER_TO_ONE =
      Float.floatToRawIntBits(1) - (Float.floatToRawIntBits(ROUNDER) << 6);

  /** Brings the upper half of the lanes to the lower, then the upper quarter, down to one lane. */
  private static final List<VectorShuffle<Float>> HALVES =
      IntStream.iterate(COUNT / 2, distance -> distance > 0, distance -> distance / 2)
          .mapToObj(distance -> VectorShuffle.fromOp(FLOATS, lane -> (lane + distance) % COUNT))
          .toList();

  private Lanes() {}

  /**
   * The sum of all lanes, halves upon halves. The sum of the API itself adds in another order once
   * it is compiled, and the same seed would give two pictures.
   */
  static float sum(FloatVector values) {
    FloatVector folded = values;
    for (VectorShuffle<Float> half : HALVES) {
      folded = folded.add(folded.rearrange(half));
    }
    return folded.lane(0);
  }

  static FloatVector widen(ShortVector halves) {
    return halves
        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0)
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /** The bfloat16 of each value, rounded to nearest even, in the upper half; the lower is dirt. */
  private static IntVector roundedBits(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    IntVector rounded = bits.add(odd).add(0x7FFF);
    VectorMask<Integer> nan = values.test(VectorOperators.IS_NAN).cast(INTS);
    return rounded.blend(bits.or(0x40_0000), nan);
  }

  static ShortVector narrow(FloatVector values) {
    return (ShortVector)
        roundedBits(values)
            .lanewise(VectorOperators.LSHR, 16)
            .convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  /**
   * Each value after a round trip through bfloat16. What arithmetic gives that is no number stays
   * so; only a NaN with every bit set in its lower half, which no bfloat16 widens to, may not.
   */
  static FloatVector round(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    return bits.add(odd).add(0x7FFF).and(0xFFFF_0000).reinterpretAsFloats();
  }

  /** As {@link #narrow} for values of which none, or only the usual one, is not a number. */
  static ShortVector narrowNumbers(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
    return (ShortVector)
        bits.add(odd)
            .add(0x7FFF)
            .lanewise(VectorOperators.LSHR, 16)
            .convertShape(VectorOperators.I2S, SHORTS, 0);
  }

  /**
   * e^x for x ≤ 88, to one unit in the last place: 2^n times a polynomial in the rest, |rest| ≤ ½
   * ln 2. What lies below −87 gives next to 0. Steps and coefficients are those of SLEEF's {@code
   * expf}, which the reference calls, so that what is rounded to bfloat16 behind it is the same.
   */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.max(-87f);
    FloatVector shifted = bounded.mul(LOG2_E).add(ROUNDER);
    FloatVector power = shifted.sub(ROUNDER);
    FloatVector rest = power.fma(FloatVector.broadcast(FLOATS, -0.69314575f), bounded);
    rest = power.fma(FloatVector.broadcast(FLOATS, -1.4286068e-6f), rest);
    FloatVector sum = FloatVector.broadcast(FLOATS, 1.9852762e-4f);
    sum = sum.fma(rest, FloatVector.broadcast(FLOATS, 1.3930436e-3f));
    sum = sum.fma(rest, FloatVector.broadcast(FLOATS, 8.333361e-3f));
    sum = sum.fma(rest, FloatVector.broadcast(FLOATS, 4.1666485e-2f));
    sum = sum.fma(rest, FloatVector.broadcast(FLOATS, 1.6666667e-1f));
    sum = sum.fma(rest, FloatVector.broadcast(FLOATS, 0.5f));
    return rest.mul(rest)
        .fma(sum, rest)
        .add(1f)
        .reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  /**
   * 2^x for x below 128: 2^n times the Taylor polynomial of degree 6 in the rest, |rest| ≤ ½, to 2
   * units in the last place. Values below −126 give next to 0.
   */
  static FloatVector exp2(FloatVector x) {
    FloatVector scaled = x.max(-126f);
    FloatVector shifted = scaled.add(ROUNDER);
    FloatVector rest = scaled.sub(shifted.sub(ROUNDER));
    FloatVector power = FloatVector.broadcast(FLOATS, 1.5403530e-4f);
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 1.3333558e-3f));
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 9.618129e-3f));
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 5.550411e-2f));
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 2.402265e-1f));
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 6.931472e-1f));
    power = power.fma(rest, FloatVector.broadcast(FLOATS, 1f));
    return shifted
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 23)
        .add(power.reinterpretAsInts())
        .reinterpretAsFloats();
  }

  /**
   * e^x for x ≤ 0 to 10⁻⁴ of itself: the bits of a float32 read as a number are a piecewise linear
   * logarithm, which a cubic bends straight (Malossi, Ineichen, Bekas and Curioni 2015). Good
   * enough for what is rounded to bfloat16, and what the reference's own kernel takes. The mantissa
   * has 17 bits, there as here. Values below 2⁻³¹ give 2⁻³¹.
   */
  static FloatVector quickExp(FloatVector x) {
    FloatVector power = x.mul(LOG2_E).max(-31f);
    FloatVector rest = power.sub(power.add(ROUNDER).sub(ROUNDER));
    rest = rest.add(1f, rest.compare(VectorOperators.LT, 0f));
    FloatVector bend = FloatVector.broadcast(FLOATS, -0.07920424f);
    bend = bend.fma(rest, FloatVector.broadcast(FLOATS, -0.22433837f));
    bend = bend.fma(rest, FloatVector.broadcast(FLOATS, 0.3035426f));
    bend = bend.fma(rest, FloatVector.broadcast(FLOATS, 1.0703435e-4f));
    return power
        .sub(bend)
        .fma(FloatVector.broadcast(FLOATS, 0x1p17f), FloatVector.broadcast(FLOATS, ROUNDER))
        .reinterpretAsInts()
        .lanewise(VectorOperators.LSHL, 6)
        .add(ROUNDER_TO_ONE)
        .reinterpretAsFloats();
  }

  /** x / (1 + e^−x). */
  static FloatVector silu(FloatVector x) {
    return gated(x, x);
  }

  /** x · ½ · (1 + tanh(√(2/π) · (x + 0.044715 · x³))). */
  static FloatVector geluTanh(FloatVector x) {
    FloatVector bounded = x.max(GELU_ZERO);
    FloatVector cubic = bounded.mul(bounded).mul(0.044715f).add(1f);
    return gated(bounded, bounded.mul(1.595769f).mul(cubic));
  }

  /**
   * ½ · x · R(1 + R(tanh(R(√(2/π) · s)))), s = R(x + R(0.044715 · R(R(x · x) · x))), R rounding to
   * bfloat16.
   */
  static FloatVector geluComposedTanh(FloatVector x) {
    FloatVector cube = round(round(x.mul(x)).mul(x));
    FloatVector sum = round(x.add(round(cube.mul(0.044715f))));
    FloatVector angle = round(sum.mul(0.7978846f));
    FloatVector tanh = sigmoid(angle.mul(2f)).mul(2f).sub(1f);
    return x.mul(0.5f).mul(round(round(tanh).add(1f)));
  }

  /** x · R(1 / (1 + e^−R(1.702 · x))), R rounding to bfloat16. */
  static FloatVector geluQuick(FloatVector x) {
    FloatVector bounded = x.max(GELU_ZERO);
    return bounded.mul(round(sigmoid(round(bounded.mul(1.702f)))));
  }

  private static FloatVector sigmoid(FloatVector x) {
    return gated(FloatVector.broadcast(FLOATS, 1f), x);
  }

  /** x / (1 + e^−gate). */
  private static FloatVector gated(FloatVector x, FloatVector gate) {
    return x.div(exp(gate.neg().min(88f)).add(1f));
  }

  /**
   * x · ½ · (1 + erf(x / √2)) = max(x, 0) − ½ · |x| · erfc(|x| / √2), where erfc(z) = e^(−z²) · t ·
   * p(t), t = 1 / (1 + z/2): p is a polynomial fitted to 5·10⁻⁸ of it for z up to 12.
   */
  static FloatVector geluErf(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector t = FloatVector.broadcast(FLOATS, 1f).div(size.mul(0.35355338f).add(1f));
    FloatVector p = FloatVector.broadcast(FLOATS, -0.059363812f);
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.28601384f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, -0.49017936f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.281475f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, -0.02897184f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.20367843f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.24285363f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.2824096f));
    p = p.fma(t, FloatVector.broadcast(FLOATS, 0.28208447f));
    FloatVector tail = exp(size.mul(size).mul(-0.5f)).mul(t).mul(p);
    return x.max(0f).sub(size.min(1e4f).mul(0.5f).mul(tail));
  }
}
