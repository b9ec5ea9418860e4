package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.InputRef;
import dev.fluxgate.denoiser.job.InputRefs;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.RandDevice;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Parameters of a lease → what to draw, and from what. */
final class DrawingCodec {
  private DrawingCodec() {}

  /**
   * What to draw.
   *
   * @throws IllegalArgumentException if nobody can
   */
  static Drawing drawing(Assign assign) {
    GenerationParameters parameters = assign.getParameters();
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
                assign.getUpsampledPrompt()),
            new DrawingOptions.Start(
                parameters.hasStrength() ? parameters.getStrength() : null,
                parameters.hasPaddingMaskCrop() ? parameters.getPaddingMaskCrop() : null),
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

  private static String hex(ByteString hash) {
    return HexFormat.of().formatHex(hash.toByteArray());
  }
}
