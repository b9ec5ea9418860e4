package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Three places for feature maps; every map is a view of one of them, so all levels share the
 * memory.
 *
 * <p>Sums and what the norms read are float32 whatever the model computes in; only what
 * convolutions and matrices read is of the model's type. Rounding the former too would take a
 * bfloat16 run out of the tolerance of the reference.
 */
final class FeatureMaps {
  private final DType dtype;
  private final Storage stream;
  private final Storage hidden;
  private final Storage operand;

  FeatureMaps(Workspace workspace, DType dtype, MapSizes sizes) {
    this.dtype = dtype;
    stream = workspace.tensor(DType.F32, Shape.of(sizes.streamElements())).storage();
    hidden = workspace.tensor(DType.U8, Shape.of(sizes.hiddenBytes())).storage();
    operand = workspace.tensor(dtype, Shape.of(sizes.operandElements())).storage();
  }

  /** The residual stream, float32. Takes the place of the one before. */
  Tensor stream(Shape shape) {
    return Tensor.of(DType.F32, shape, stream);
  }

  /** What the second norm of a block reads, float32. */
  Tensor hidden(Shape shape) {
    return Tensor.of(DType.F32, shape, hidden);
  }

  /** What a convolution or matrix reads, in the place of {@link #hidden}. */
  Tensor hiddenOperand(Shape shape) {
    return Tensor.of(dtype, shape, hidden);
  }

  /** What a convolution or matrix reads. */
  Tensor operand(Shape shape) {
    return Tensor.of(dtype, shape, operand);
  }

  /** (B, h, w, ·) of {@code map} with other channels. */
  static Shape withChannels(Tensor map, int channels) {
    Shape s = map.shape();
    return Shape.of(s.dim(0), s.dim(1), s.dim(2), channels);
  }
}
