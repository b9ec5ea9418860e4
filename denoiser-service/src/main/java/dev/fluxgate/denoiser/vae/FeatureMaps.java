package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Storage;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Three places for feature maps; every map is a view of one of them, so all levels share the
 * memory. All are of the type that the model computes in.
 */
final class FeatureMaps {
  private final DType dtype;
  private final Storage stream;
  private final Storage hidden;
  private final Storage operand;

  FeatureMaps(Workspace workspace, DType dtype, MapSizes sizes) {
    this.dtype = dtype;
    stream = workspace.tensor(dtype, Shape.of(sizes.streamElements())).storage();
    hidden = workspace.tensor(dtype, Shape.of(sizes.hiddenElements())).storage();
    operand = workspace.tensor(dtype, Shape.of(sizes.operandElements())).storage();
  }

  /** The residual stream. Takes the place of the one before. */
  Tensor stream(Shape shape) {
    return Tensor.of(dtype, shape, stream);
  }

  /** What the second norm of a block reads; between blocks, what a convolution or matrix reads. */
  Tensor hidden(Shape shape) {
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
