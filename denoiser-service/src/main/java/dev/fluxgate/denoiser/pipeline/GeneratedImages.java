package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * What a pipeline made. N pictures.
 *
 * @param packedLatents (N, S, C), as after the last step
 * @param latents (N, Z, h, w), as the VAE decodes them
 * @param pixels (N, H, W, 3) in [0, 1], in the type of the model, as decoded
 * @param images the pictures in 8 bits; those of one prompt are neighbours. Their size is not that
 *     of the pixels where only part of a picture was drawn
 */
public record GeneratedImages(
    HostTensor packedLatents, HostTensor latents, HostTensor pixels, List<RgbImage> images) {

  /** Copies the list. */
  public GeneratedImages {
    images = List.copyOf(images);
  }

  /** The pictures are the pixels, rounded. */
  public static GeneratedImages of(
      HostTensor packedLatents, HostTensor latents, HostTensor pixels) {
    Shape s = pixels.shape();
    List<RgbImage> images =
        LongStream.range(0, s.dim(0))
            .mapToObj(
                n -> RgbImage.ofUnitFloats(s.size(2), s.size(1), pixels.slice(n, 1).toFloats()))
            .toList();
    return new GeneratedImages(packedLatents, latents, pixels, images);
  }

  /** The same with each picture made into another. */
  public GeneratedImages map(UnaryOperator<RgbImage> change) {
    return new GeneratedImages(
        packedLatents, latents, pixels, images.stream().map(change).toList());
  }
}
