package dev.fluxgate.denoiser.picture;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What a picture tells of how it was made: text chunks by keyword, in the words of the request. */
final class PictureMetadata {
  private PictureMetadata() {}

  static Map<String, String> of(Drawing drawing, int index, String modelHash) {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("Software", "Fluxgate " + version());
    text.put("prompt", drawing.prompt());
    text.put("seed", Long.toString(drawing.seed()));
    text.put("num_inference_steps", Integer.toString(drawing.numInferenceSteps()));
    text.put("guidance_scale", Float.toString(drawing.guidanceScale()));
    text.put("width", Integer.toString(drawing.width()));
    text.put("height", Integer.toString(drawing.height()));
    text.put("image_index", Integer.toString(index));
    text.put("num_images", Integer.toString(drawing.numImages()));
    text.put("model_hash", modelHash);
    return text;
  }

  /** Of the manifest; "dev" outside a packed build. */
  private static String version() {
    return Objects.requireNonNullElse(
        PictureMetadata.class.getPackage().getImplementationVersion(), "dev");
  }
}
