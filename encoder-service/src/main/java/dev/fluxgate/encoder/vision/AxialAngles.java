package dev.fluxgate.encoder.vision;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/**
 * Cosines and sines of patches (models spec §5.1.8): of the K/2 frequencies theta^(−2j/K) those of
 * even j turn by the row, those of odd j by the column, and stand in this order. Frequency and
 * angle are float32.
 *
 * @param cos (patches, K/2)
 * @param sin (patches, K/2)
 */
record AxialAngles(HostTensor cos, HostTensor sin) {

  static AxialAngles of(PatchGrid grid, int headDim, double theta, DType computeType) {
    int pairs = headDim / 2;
    Shape shape = Shape.of(grid.patches(), pairs);
    HostTensor cos = HostTensor.zeros(computeType, shape);
    HostTensor sin = HostTensor.zeros(computeType, shape);
    for (int patch = 0; patch < grid.patches(); patch++) {
      for (int pair = 0; pair < pairs; pair++) {
        boolean byRow = pair < pairs / 2;
        int j = byRow ? 2 * pair : 2 * (pair - pairs / 2) + 1;
        float exponent = (float) (2 * j) / headDim;
        float frequency = 1f / (float) Math.pow(theta, exponent);
        float angle = (byRow ? grid.row(patch) : grid.column(patch)) * frequency;
        long at = (long) patch * pairs + pair;
        cos.set(at, (float) Math.cos(angle));
        sin.set(at, (float) Math.sin(angle));
      }
    }
    return new AxialAngles(cos, sin);
  }
}
