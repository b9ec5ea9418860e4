package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;

/** Request → (N, C, rows, columns): what the first step starts from (flux2 spec §6.0). */
final class InitialLatents {
  private InitialLatents() {}

  /** One draw for all pictures, in the type of the model; or what the request gives. */
  static HostTensor of(DenoiserModel model, DenoiseRequest request, JobSize size) {
    LatentGrid grid = size.grid();
    int channels = model.transformer().params().inChannels();
    Shape shape = Shape.of(size.images(), channels, grid.rows(), grid.columns());
    HostTensor given = request.latents();
    if (given == null) {
      return new TorchGenerator(request.seed()).randn(shape, model.dtype());
    }
    if (!given.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "latents: " + given.shape() + " (expected: " + shape + ")");
    }
    return given.to(model.dtype());
  }
}
