package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.function.DoubleUnaryOperator;

/**
 * Cosines and sines for positions 0..L−1, padding counted (models spec §5.1.1): frequency j is
 * theta^(−2j/K). Frequency and angle are float32 as in the reference, where position 500 differs
 * visibly from an exact angle; cosine and sine are rounded to the compute type.
 *
 * @param cos (L, K/2)
 * @param sin (L, K/2)
 */
record RotaryAngles(HostTensor cos, HostTensor sin) {

  static RotaryAngles of(int length, int headDim, double theta, DType computeType) {
    return new RotaryAngles(
        table(length, headDim, theta, computeType, Math::cos),
        table(length, headDim, theta, computeType, Math::sin));
  }

  private static HostTensor table(
      int length, int headDim, double theta, DType computeType, DoubleUnaryOperator function) {
    int pairs = headDim / 2;
    HostTensor table = HostTensor.zeros(computeType, Shape.of(length, pairs));
    for (int pair = 0; pair < pairs; pair++) {
      float exponent = (float) (2 * pair) / headDim;
      float frequency = 1f / (float) Math.pow(theta, exponent);
      for (int position = 0; position < length; position++) {
        float angle = position * frequency;
        table.set((long) position * pairs + pair, (float) function.applyAsDouble(angle));
      }
    }
    return table;
  }
}
