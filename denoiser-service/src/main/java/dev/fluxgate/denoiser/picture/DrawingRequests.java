package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A drawing and what it is made from → what a pipeline takes. */
final class DrawingRequests {
  private DrawingRequests() {}

  /**
   * The embeds, each as a batch of one.
   *
   * @throws IllegalArgumentException if one has another rank, or a value is no number
   */
  static PromptEmbeds embeds(DrawingInputs inputs) {
    DrawingInputs.Text negative = inputs.negative();
    return new PromptEmbeds(text(inputs.prompt()), negative == null ? null : text(negative));
  }

  private static TextEmbeds text(DrawingInputs.Text text) {
    HostTensor pooled = text.pooled();
    return new TextEmbeds(
        batch("prompt embeds", text.embeds(), 2),
        pooled == null ? null : batch("pooled prompt embeds", pooled, 1));
  }

  /** A tensor of this rank, or one more of which the first extent is 1, as the latter. */
  private static HostTensor batch(String name, HostTensor tensor, int rank) {
    Shape shape = tensor.shape();
    if (shape.rank() == rank + 1 && shape.dim(0) == 1) {
      return tensor;
    }
    if (shape.rank() != rank) {
      throw new IllegalArgumentException(
          name + ": " + shape + " (expected: " + (rank == 2 ? "[tokens, width]" : "[width]") + ")");
    }
    return rank == 2
        ? tensor.reshape(1, shape.dim(0), shape.dim(1))
        : tensor.reshape(1, shape.dim(0));
  }

  /**
   * What to run.
   *
   * @throws IllegalArgumentException if no pipeline can
   * @throws dev.fluxgate.image.MalformedImageException if a file is no picture that can be taken
   */
  static DenoiseRequest request(Drawing drawing, DrawingInputs inputs, ModelFamily family) {
    DrawingOptions options = drawing.options();
    DrawingOptions.Noise noise = options.noise();
    DrawingOptions.Output output = options.output();
    Float strength = options.start().strength();
    Float trueCfg = options.words().trueCfgScale();
    Float overlap = output.tileOverlap();
    return new DenoiseRequest(
        new PictureSize(side(drawing.width()), side(drawing.height()), drawing.width() == 0),
        new StepSchedule(
            drawing.numInferenceSteps(),
            noise.sigmas(),
            strength == null ? null : Double.valueOf(decimal(strength))),
        new Guidance(drawing.guidanceScale(), trueCfg == null ? 1 : decimal(trueCfg)),
        new NoiseSource(
            noise.seeds().isEmpty() ? List.of(drawing.seed()) : noise.seeds(),
            switch (noise.generator()) {
              case CPU -> NoiseSource.RandomDevice.CPU;
              case CUDA -> NoiseSource.RandomDevice.CUDA;
            },
            inputs.latents()),
        pictures(drawing, inputs, family),
        new Tiling(output.tileSize(), overlap == null ? null : Double.valueOf(decimal(overlap))),
        drawing.numImages(),
        drawing.previewInterval() > 0);
  }

  private static @Nullable Integer side(int pixels) {
    return pixels == 0 ? null : Integer.valueOf(pixels);
  }

  /** The number that was typed: 0.6 is 0.6, not the float that is nearest to it. */
  private static double decimal(float value) {
    return Double.parseDouble(Float.toString(value));
  }

  private static InputPictures pictures(Drawing drawing, DrawingInputs inputs, ModelFamily family) {
    List<Picture> images = new ArrayList<>();
    for (byte[] file : inputs.images()) {
      images.add(decode("images[" + images.size() + "]", file));
    }
    byte[] mask = inputs.mask();
    byte[] reference = inputs.reference();
    Integer crop = drawing.options().start().paddingMaskCrop();
    Picture maskImage = mask == null ? null : decode("mask_image", mask);
    Picture imageReference = reference == null ? null : decode("image_reference", reference);
    if (images.isEmpty() || !startsFromPicture(drawing, mask != null, family)) {
      return new InputPictures(images, null, maskImage, imageReference, crop);
    }
    if (images.size() > 1) {
      throw new IllegalArgumentException(
          "images: " + images.size() + " (expected: 1, from which the picture starts)");
    }
    return new InputPictures(List.of(), images.getFirst(), maskImage, imageReference, crop)
        .withMaskOfItsImage();
  }

  /** Whether the one picture is what is painted over, and no reference. */
  private static boolean startsFromPicture(Drawing drawing, boolean isMasked, ModelFamily family) {
    String named = drawing.options().pipeline();
    return isMasked
        || drawing.options().start().strength() != null
        || PipelineKind.of(family).stream()
            .anyMatch(kind -> kind.className().equals(named) && kind.defaultStrength() != null)
        || family == ModelFamily.FLUX1_DEV
        || family == ModelFamily.FLUX1_SCHNELL;
  }

  private static Picture decode(String name, byte[] file) {
    return PictureDecoder.decode(name, file, DecodeLimits.DEFAULT);
  }
}
