package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.function.DoubleUnaryOperator;

/**
 * Cosines and sines for L positions in a row (models spec §5.1.1): frequency j is theta^(−2j/K).
 * Frequency and angle are float32 as in the reference, where position 500 differs visibly from an
 * exact angle; cosine and sine are rounded to the compute type.
 *
 * @param cos (L, K/2)
 * @param sin (L, K/2)
 */
record RotaryAngles(HostTensor cos, HostTensor sin) {

  /** Positions 0..L−1. */
  static RotaryAngles of(int length, int headDim, double theta, DType computeType) {
    return from(0, length, headDim, theta, computeType);
  }

  /** Positions {@code first}..{@code first} + L−1. */
  static RotaryAngles from(int first, int length, int headDim, double theta, DType computeType) {
    return new RotaryAngles(
        table(first, length, headDim, theta, computeType, Math::cos),
        table(first, length, headDim, theta, computeType, Math::sin));
  }

  private static HostTensor table(
      int first,
      int length,
      int headDim,
      double theta,
      DType computeType,
      DoubleUnaryOperator function) {
    int pairs = headDim / 2;
    HostTensor table = HostTensor.zeros(computeType, Shape.of(length, pairs));
    for (int pair = 0; pair < pairs; pair++) {
      float exponent = (float) (2 * pair) / headDim;
      float frequency = 1f / (float) Math.pow(theta, exponent);
      for (int position = 0; position < length; position++) {
        float angle = (first + position) * frequency;
        table.set((long) position * pairs + pair, (float) function.applyAsDouble(angle));
      }
    }
    return table;
  }
}
