package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PictureSize;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.request.Tiling;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import dev.fluxgate.image.prepare.ReferencePicture;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
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
    return request(
        drawing,
        Sent.decoded(inputs, drawing.options().start().maskByOpacity()),
        inputs.latents(),
        family);
  }

  /**
   * What would be run, as far as memory depends on it: with blank pictures in place of those that
   * are not there yet, and without noise.
   *
   * @throws IllegalArgumentException if no pipeline can
   */
  static DenoiseRequest outline(Drawing drawing, DrawingInputs.Shapes shapes, ModelFamily family) {
    List<Size> images = shapes.images();
    Size mask = shapes.mask();
    // Blank pictures may be smaller, so what is wrong with a size is told of the true one.
    if (mask != null && images.size() == 1) {
      InputPictures.checkMask(mask, images.getFirst());
    }
    DenoiseRequest request = request(drawing, Sent.blank(shapes), null, family);
    for (int i = 0; i < request.pictures().references().size(); i++) {
      ReferencePicture.check("images[" + i + "]", images.get(i).width(), images.get(i).height());
    }
    return request;
  }

  /** Shapes of one prompt's embeds, and perhaps of one to steer away from. */
  static PromptShapes prompts(DrawingInputs.Shapes shapes, int width) {
    int negative = shapes.negativeTokens();
    return new PromptShapes(
        Shape.of(1, shapes.promptTokens(), width),
        negative == 0 ? null : Shape.of(1, negative, width));
  }

  private static DenoiseRequest request(
      Drawing drawing, Sent sent, @Nullable HostTensor latents, ModelFamily family) {
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
            latents),
        pictures(drawing, sent, family),
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

  private static InputPictures pictures(Drawing drawing, Sent sent, ModelFamily family) {
    List<Picture> images = sent.images;
    Integer crop = drawing.options().start().paddingMaskCrop();
    if (images.isEmpty() || !startsFromPicture(drawing, sent.mask != null, family)) {
      return new InputPictures(images, null, sent.mask, sent.reference, crop);
    }
    if (images.size() > 1) {
      throw new IllegalArgumentException(
          "images: " + images.size() + " (expected: 1, from which the picture starts)");
    }
    return new InputPictures(List.of(), images.getFirst(), sent.mask, sent.reference, crop)
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

  /** The pictures of a request. */
  private record Sent(List<Picture> images, @Nullable Picture mask, @Nullable Picture reference) {

    static Sent decoded(DrawingInputs inputs, boolean isMaskByOpacity) {
      List<Picture> images = new ArrayList<>();
      for (byte[] file : inputs.images()) {
        images.add(decode("images[" + images.size() + "]", file));
      }
      byte[] mask = inputs.mask();
      byte[] reference = inputs.reference();
      return new Sent(
          images,
          mask == null ? null : mask(mask, isMaskByOpacity),
          reference == null ? null : decode("image_reference", reference));
    }

    /** White where it is painted anew, however the file shows it. */
    private static Picture mask(byte[] file, boolean isByOpacity) {
      Picture mask = decode("mask_image", file);
      if (!isByOpacity) {
        return mask;
      }
      if (!mask.mode().hasAlpha()) {
        throw new IllegalArgumentException(
            "mask_image: no alpha channel (expected: one, transparent where to paint anew)");
      }
      return mask.transparency();
    }

    private static Picture decode(String name, byte[] file) {
      return PictureDecoder.decode(name, file, DecodeLimits.DEFAULT);
    }

    static Sent blank(DrawingInputs.Shapes shapes) {
      return new Sent(
          shapes.images().stream().map(Sent::blank).toList(),
          blankOrNone(shapes.mask()),
          blankOrNone(shapes.reference()));
    }

    private static @Nullable Picture blankOrNone(@Nullable Size size) {
      return size == null ? null : blank(size);
    }

    /** As large as pipelines make of it, which all scale it down to the same size. */
    private static Picture blank(Size sent) {
      Size size =
          ReferencePicture.cappedSize(sent.width(), sent.height(), ReferencePicture.MAX_AREA);
      return Picture.of(
          Picture.Mode.GREY, size.width(), size.height(), new byte[size.width() * size.height()]);
    }
  }
}
