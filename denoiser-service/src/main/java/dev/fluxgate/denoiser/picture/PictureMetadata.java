package dev.fluxgate.denoiser.picture;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a picture tells of how it was made: text chunks by keyword, in the words of the request. */
final class PictureMetadata {
  private PictureMetadata() {}

  static Map<String, String> of(Drawing drawing, String pipeline, int index, String modelHash) {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("Software", "Fluxgate " + version());
    text.put("prompt", drawing.prompt());
    List<Long> seeds = drawing.options().noise().seeds();
    text.put("seed", Long.toString(seeds.isEmpty() ? drawing.seed() : seeds.get(index)));
    text.put("num_inference_steps", Integer.toString(drawing.numInferenceSteps()));
    text.put("guidance_scale", Float.toString(drawing.guidanceScale()));
    if (drawing.width() > 0 && drawing.height() > 0) {
      text.put("width", Integer.toString(drawing.width()));
      text.put("height", Integer.toString(drawing.height()));
    }
    text.put("image_index", Integer.toString(index));
    text.put("num_images", Integer.toString(drawing.numImages()));
    text.put("model_hash", modelHash);
    text.put("pipeline", pipeline);
    options(drawing.options(), text);
    return text;
  }

  /** What was asked for beyond the usual, and nothing else. */
  private static void options(DrawingOptions options, Map<String, String> text) {
    DrawingOptions.Words words = options.words();
    put(
        "upsampled_prompt",
        words.upsampledPrompt().isEmpty() ? null : words.upsampledPrompt(),
        text);
    put("negative_prompt", words.negativePrompt(), text);
    put("true_cfg_scale", words.trueCfgScale(), text);
    put("prompt_2", words.prompt2(), text);
    put("negative_prompt_2", words.negativePrompt2(), text);
    put("strength", options.start().strength(), text);
    put("padding_mask_crop", options.start().paddingMaskCrop(), text);
    put("mask_by_opacity", options.start().maskByOpacity() ? true : null, text);
    DrawingOptions.Noise noise = options.noise();
    put("sigmas", noise.sigmas().isEmpty() ? null : noise.sigmas(), text);
    put("rand_device", noise.generator() == DrawingOptions.Generator.CPU ? null : "cuda", text);
    put("tile_size", options.output().tileSize(), text);
    put("tile_overlap", options.output().tileOverlap(), text);
    text.putAll(options.inputs());
  }

  private static void put(String keyword, @Nullable Object value, Map<String, String> text) {
    if (value != null) {
      text.put(keyword, value.toString());
    }
  }

  /** Of the manifest; "dev" outside a packed build. */
  private static String version() {
    return Objects.requireNonNullElse(
        PictureMetadata.class.getPackage().getImplementationVersion(), "dev");
  }
}
