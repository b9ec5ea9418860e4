package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;

/** The weights that {@link CpuWeights} prepares. */
final class CpuWeight {
  private CpuWeight() {}

  /**
   * Some neighbouring outputs of a matrix: what one thread computes.
   *
   * @param first the first output
   * @param outputs how many
   * @param layout of the values
   * @param address of the values
   * @param bias address of the biases of these outputs, 0 for none
   */
  record Panel(int first, int outputs, Descriptor layout, long address, long bias) {}

  record Linear(
      int inFeatures, int outFeatures, OneDnnType type, List<Panel> panels, long residentBytes)
      implements Weight.Linear {}

  record Convolution(
      int inChannels,
      int outChannels,
      int kernelSize,
      OneDnnType type,
      Panel filter,
      long residentBytes)
      implements Weight.Convolution {}

  /** Rows are converted when they are looked up; the table stays where it is stored. */
  record Embedding(HostTensor table, DType type) implements Weight.Embedding {
    @Override
    public int vocabulary() {
      return table.shape().size(0);
    }

    @Override
    public int width() {
      return table.shape().size(1);
    }

    @Override
    public long residentBytes() {
      return 0;
    }
  }

  /** Values rounded to the compute type, owned here. */
  static final class Vector implements Weight.Vector {
    final float[] values;

    Vector(float[] values) {
      this.values = values;
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public long residentBytes() {
      return (long) Float.BYTES * values.length;
    }
  }

  /** {@code weight} as the {@code type} that this back end prepares. */
  static <W extends Weight> W own(Weight weight, Class<W> type) {
    if (!type.isInstance(weight)) {
      throw new IllegalArgumentException(
          "weight: "
              + weight.getClass().getSimpleName()
              + " (expected: one prepared by the cpu back end)");
    }
    return type.cast(weight);
  }
}
