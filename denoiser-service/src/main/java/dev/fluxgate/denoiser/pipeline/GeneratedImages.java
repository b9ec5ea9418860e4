package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.util.List;
import java.util.stream.LongStream;

/**
 * What a pipeline made. N pictures.
 *
 * @param packedLatents (N, S, C), as after the last step
 * @param latents (N, Z, h, w), as the VAE decodes them
 * @param pixels (N, H, W, 3) in [0, 1], in the type of the model
 */
public record GeneratedImages(HostTensor packedLatents, HostTensor latents, HostTensor pixels) {

  /** The pictures in 8 bits; those of one prompt are neighbours. */
  public List<RgbImage> images() {
    Shape s = pixels.shape();
    return LongStream.range(0, s.dim(0))
        .mapToObj(n -> RgbImage.ofUnitFloats(s.size(2), s.size(1), pixels.slice(n, 1).toFloats()))
        .toList();
  }
}
