package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.tensor.DType;

/** The weights that {@link CudaWeights} prepares; addresses are of the device. */
final class CudaWeight {
  private CudaWeight() {}

  /**
   * A matrix.
   *
   * @param inFeatures K
   * @param outFeatures N
   * @param type of its elements
   * @param matrix (N, K with zeros up to a multiple of 64)
   * @param bias address of (N) float32, 0 for none
   * @param residentBytes of both
   */
  record Linear(
      int inFeatures,
      int outFeatures,
      DType type,
      DeviceMatrix matrix,
      long bias,
      long residentBytes)
      implements Weight.Linear {}

  /**
   * A filter.
   *
   * @param inChannels of x
   * @param outChannels of out
   * @param kernelSize height and width
   * @param type of its elements
   * @param layout how a row of {@code filter} lies
   * @param filter (outChannels, columns of the layout)
   * @param bias address of (outChannels) float32, 0 for none
   * @param residentBytes of both
   */
  record Convolution(
      int inChannels,
      int outChannels,
      int kernelSize,
      DType type,
      WeightLayout layout,
      DeviceMatrix filter,
      long bias,
      long residentBytes)
      implements Weight.Convolution {}

  /**
   * A table.
   *
   * @param table (vocabulary, width)
   * @param residentBytes of it
   */
  record Embedding(DeviceMatrix table, long residentBytes) implements Weight.Embedding {
    @Override
    public int vocabulary() {
      return table.rows();
    }

    @Override
    public int width() {
      return table.columns();
    }
  }

  /**
   * Values as float32.
   *
   * @param size how many
   * @param address of the first
   * @param residentBytes of all
   */
  record Vector(int size, long address, long residentBytes) implements Weight.Vector {}

  /** {@code weight} as the {@code type} that this back end prepares. */
  static <W extends Weight> W own(Weight weight, Class<W> type) {
    if (!type.isInstance(weight)) {
      throw new IllegalArgumentException(
          "weight: "
              + weight.getClass().getSimpleName()
              + " (expected: one prepared by the cuda back end)");
    }
    return type.cast(weight);
  }

  /** Address of the values of {@code vector}. */
  static long address(Weight.Vector vector) {
    return own(vector, Vector.class).address();
  }
}
