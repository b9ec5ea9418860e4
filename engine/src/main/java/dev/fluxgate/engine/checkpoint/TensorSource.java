package dev.fluxgate.engine.checkpoint;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stored tensors by name: all that model code knows of a checkpoint. */
public interface TensorSource {

  /** The tensor of that name, whatever its shape; null if there is none. */
  @Nullable HostTensor find(String name);

  /** The names of all tensors. */
  Set<String> names();

  /** File or folder the tensors come from, for messages. */
  String origin();

  /** Whether there is a tensor of that name. */
  default boolean has(String name) {
    return find(name) != null;
  }

  /**
   * The tensor of that name and shape; no extents mean a scalar.
   *
   * @throws MissingWeightException if there is none
   * @throws WeightShapeException if it has another shape
   */
  default HostTensor tensor(String name, long... expectedShape) {
    Shape expected = Shape.of(expectedShape);
    HostTensor tensor = find(name);
    if (tensor == null) {
      throw new MissingWeightException(origin(), name, expected);
    }
    if (!tensor.shape().equals(expected)) {
      throw new WeightShapeException(origin(), name, tensor.shape(), expected);
    }
    return tensor;
  }
}
