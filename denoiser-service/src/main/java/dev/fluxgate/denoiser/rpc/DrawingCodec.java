package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.InputRef;
import dev.fluxgate.denoiser.job.InputRefs;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PixelSize;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.RandDevice;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Parameters of a lease or a question → what to draw, and from what. */
final class DrawingCodec {
  private DrawingCodec() {}

  /**
   * What to draw.
   *
   * @param upsampledPrompt what the prompt was rewritten to; empty: it was not
   * @throws IllegalArgumentException if nobody can
   */
  static Drawing drawing(GenerationParameters parameters, String upsampledPrompt) {
    return new Drawing(
        parameters.getPrompt(),
        parameters.getWidth(),
        parameters.getHeight(),
        parameters.getNumInferenceSteps(),
        parameters.getGuidanceScale(),
        parameters.getSeed(),
        Math.max(1, parameters.getNumImages()),
        parameters.getOmitMetadata(),
        parameters.getPreviewInterval(),
        new DrawingOptions(
            parameters.getPipeline(),
            new DrawingOptions.Words(
                parameters.hasNegativePrompt() ? parameters.getNegativePrompt() : null,
                parameters.hasTrueCfgScale() ? parameters.getTrueCfgScale() : null,
                parameters.hasPrompt2() ? parameters.getPrompt2() : null,
                parameters.hasNegativePrompt2() ? parameters.getNegativePrompt2() : null,
                upsampledPrompt),
            new DrawingOptions.Start(
                parameters.hasStrength() ? parameters.getStrength() : null,
                parameters.hasPaddingMaskCrop() ? parameters.getPaddingMaskCrop() : null,
                parameters.getMaskByOpacity()),
            new DrawingOptions.Noise(
                parameters.getSeedsList(),
                generator(parameters.getRandDevice()),
                parameters.getSigmasList()),
            new DrawingOptions.Output(
                format(parameters),
                parameters.hasTileSize() ? parameters.getTileSize() : null,
                parameters.hasTileOverlap() ? parameters.getTileOverlap() : null),
            hashes(parameters)));
  }

  private static DrawingOptions.Generator generator(RandDevice message) {
    return switch (message) {
      case RAND_DEVICE_UNSPECIFIED, RAND_DEVICE_CPU -> DrawingOptions.Generator.CPU;
      case RAND_DEVICE_CUDA -> DrawingOptions.Generator.CUDA;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException("rand_device: another one (expected: CPU or CUDA)");
    };
  }

  private static DrawingOptions.OutputFormat format(GenerationParameters parameters) {
    if (parameters.getOutputType() == OutputType.OUTPUT_TYPE_LATENTS) {
      return DrawingOptions.OutputFormat.LATENTS;
    }
    return switch (parameters.getFormat()) {
      case IMAGE_FORMAT_UNSPECIFIED, IMAGE_FORMAT_PNG -> DrawingOptions.OutputFormat.PNG;
      case IMAGE_FORMAT_JPEG -> DrawingOptions.OutputFormat.JPEG;
      case IMAGE_FORMAT_WEBP -> DrawingOptions.OutputFormat.WEBP;
      case UNRECOGNIZED ->
          throw new IllegalArgumentException("format: another one (expected: PNG, JPEG or WEBP)");
    };
  }

  private static Map<String, String> hashes(GenerationParameters parameters) {
    Map<String, String> hashes = new LinkedHashMap<>();
    if (parameters.getImagesCount() > 0) {
      hashes.put(
          "images",
          parameters.getImagesList().stream()
              .map(image -> hex(image.getSha256()))
              .collect(Collectors.joining(",")));
    }
    if (parameters.hasMaskImage()) {
      hashes.put("mask_image", hex(parameters.getMaskImage().getSha256()));
    }
    if (parameters.hasImageReference()) {
      hashes.put("image_reference", hex(parameters.getImageReference().getSha256()));
    }
    if (parameters.hasLatents()) {
      hashes.put("latents", hex(parameters.getLatents().getSha256()));
    }
    if (parameters.hasPromptEmbeds()) {
      hashes.put("prompt_embeds", hex(parameters.getPromptEmbeds().getSha256()));
    }
    if (parameters.hasNegativePromptEmbeds()) {
      hashes.put("negative_prompt_embeds", hex(parameters.getNegativePromptEmbeds().getSha256()));
    }
    return hashes;
  }

  static InputRefs inputs(GenerationParameters parameters) {
    return new InputRefs(
        parameters.getImagesList().stream()
            .map(image -> new InputRef(hex(image.getSha256())))
            .toList(),
        parameters.hasMaskImage() ? new InputRef(hex(parameters.getMaskImage().getSha256())) : null,
        parameters.hasImageReference()
            ? new InputRef(hex(parameters.getImageReference().getSha256()))
            : null,
        parameters.hasLatents()
            ? new EmbeddingRef(hex(parameters.getLatents().getSha256()), 0)
            : null);
  }

  /**
   * What a question tells of the inputs.
   *
   * @throws IllegalArgumentException for a size that no picture has
   */
  static DrawingInputs.Shapes shapes(Plan plan) {
    return new DrawingInputs.Shapes(
        plan.getPromptTokens(),
        plan.getNegativePromptTokens(),
        plan.getImagesList().stream().map(DrawingCodec::size).toList(),
        plan.hasMaskImage() ? size(plan.getMaskImage()) : null,
        plan.hasImageReference() ? size(plan.getImageReference()) : null);
  }

  private static Size size(PixelSize message) {
    if (message.getWidth() < 1 || message.getHeight() < 1) {
      throw new IllegalArgumentException(
          "size: %d x %d (expected: at least 1 x 1)"
              .formatted(message.getWidth(), message.getHeight()));
    }
    return new Size(message.getWidth(), message.getHeight());
  }

  private static String hex(ByteString hash) {
    return HexFormat.of().formatHex(hash.toByteArray());
  }
}
