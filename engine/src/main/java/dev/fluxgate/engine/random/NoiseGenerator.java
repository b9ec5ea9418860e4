package dev.fluxgate.engine.random;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/** A seeded generator of standard normals, one of torch's two. */
public sealed interface NoiseGenerator permits TorchGenerator, PhiloxGenerator {

  /**
   * {@code torch.randn}: the next standard normals.
   *
   * @param dtype F32, BF16 or F16; a CPU's generator also draws F64
   */
  HostTensor randn(Shape shape, DType dtype);
}
