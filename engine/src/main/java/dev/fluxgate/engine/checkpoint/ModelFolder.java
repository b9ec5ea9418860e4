package dev.fluxgate.engine.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A FLUX model in the layout of diffusers (formats spec §2.2): {@code model_index.json} and one
 * folder per component. An optional {@code fluxgate.json} beside the index may carry a name and
 * defaults of its own and mark the model as a demonstration.
 */
public final class ModelFolder {
  private static final String INDEX = "model_index.json";
  private static final String CLASS_NAME = "_class_name";
  private static final String IS_DISTILLED = "is_distilled";

  private static final int MAX_NAME_CHARS = 64;

  private final Path path;
  private final ConfigJson index;
  private final ModelFamily family;
  private final ModelFamily.Defaults defaults;
  private final String name;
  private final boolean demonstration;

  private ModelFolder(Path path, ConfigJson index, @Nullable ConfigJson own) {
    this.path = path;
    this.index = index;
    this.family = familyOf(path, index);
    this.demonstration = own != null && own.bool("demonstration", false);
    this.name = nameOf(path, own);
    this.defaults =
        own == null ? family.defaults() : merged(own.object("defaults"), family.defaults());
  }

  /**
   * Reads what kind of model lies in {@code path}. Components are looked at only when asked for.
   *
   * @throws InvalidModelException if this is no FLUX model folder
   */
  public static ModelFolder open(Path path) {
    Path file = path.resolve(INDEX);
    if (!Files.isDirectory(path)) {
      throw new InvalidModelException(
          path,
          Files.exists(path) ? "not a folder" : "no such folder",
          "a model folder with a " + INDEX);
    }
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          path, "no " + INDEX, "the folder of a FLUX pipeline as diffusers saves it");
    }
    Path own = path.resolve("fluxgate.json");
    return new ModelFolder(
        path, ConfigJson.read(file), Files.exists(own) ? ConfigJson.read(own) : null);
  }

  /** The folder itself. */
  public Path path() {
    return path;
  }

  /**
   * Under which users ask for the model: what its own configuration says, else the folder's name,
   * as 1 to 64 of a-z, 0-9, ".", "_" and "-", the first no ".".
   */
  public String name() {
    return name;
  }

  /** Which FLUX this is. */
  public ModelFamily family() {
    return family;
  }

  /** The pipeline class of diffusers that the folder was saved from. */
  public String pipelineClass() {
    return index.string(CLASS_NAME);
  }

  /** Whether the model was distilled to few steps and takes no guidance. */
  public boolean isDistilled() {
    return index.bool(IS_DISTILLED, false);
  }

  /** Whether this is a toy that shows the system, not a model to be judged by its pictures. */
  public boolean isDemonstration() {
    return demonstration;
  }

  /** Request parameters where a request gives none: the folder's own, else the family's. */
  public ModelFamily.Defaults defaults() {
    return defaults;
  }

  /**
   * The folder of a component: {@code transformer}, {@code vae}, {@code text_encoder}, {@code
   * tokenizer} or {@code scheduler}.
   *
   * @throws InvalidModelException if the index does not list it or the folder is missing
   */
  public Path component(String name) {
    if (!index.has(name)) {
      throw index.invalid(name, "a component: [library, class]");
    }
    Path folder = path.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new InvalidModelException(
          folder, "no such folder", "the component " + name + " that " + INDEX + " lists");
    }
    return folder;
  }

  /** The class of a component, such as {@code Qwen3ForCausalLM}. */
  public String componentClass(String name) {
    List<String> libraryAndClass = index.strings(name, List.of());
    if (libraryAndClass.size() != 2) {
      throw index.invalid(name, "a component: [library, class]");
    }
    return libraryAndClass.getLast();
  }

  private static String nameOf(Path path, @Nullable ConfigJson own) {
    Path last = path.toAbsolutePath().normalize().getFileName();
    if (own == null || !own.has("name")) {
      String slug =
          String.valueOf(last)
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^a-z0-9._-]+", "-")
              .replaceFirst("^[.-]+", "");
      return slug.isEmpty() ? "model" : slug.substring(0, Math.min(MAX_NAME_CHARS, slug.length()));
    }
    String name = own.string("name");
    if (!name.matches("[a-z0-9_-][a-z0-9._-]*") || name.length() > MAX_NAME_CHARS) {
      throw own.invalid("name", "1 to " + MAX_NAME_CHARS + " of a-z, 0-9, \".\", \"_\" and \"-\"");
    }
    return name;
  }

  /** The variants of a family have the same components, so a folder may name any of them. */
  private static ModelFamily familyOf(Path path, ConfigJson index) {
    return switch (index.string(CLASS_NAME)) {
      case "Flux2Pipeline" -> ModelFamily.FLUX2_DEV;
      case "Flux2KleinPipeline", "Flux2KleinInpaintPipeline" ->
          index.bool(IS_DISTILLED, false) ? ModelFamily.FLUX2_KLEIN : ModelFamily.FLUX2_KLEIN_BASE;
      case "Flux2KleinKVPipeline" -> ModelFamily.FLUX2_KLEIN_KV;
      case "FluxPipeline", "FluxImg2ImgPipeline", "FluxInpaintPipeline" ->
          embedsGuidance(path) ? ModelFamily.FLUX1_DEV : ModelFamily.FLUX1_SCHNELL;
      default ->
          throw index.invalid(
              CLASS_NAME,
              "\"Flux2Pipeline\", \"Flux2KleinPipeline\", \"Flux2KleinKVPipeline\","
                  + " \"Flux2KleinInpaintPipeline\", \"FluxPipeline\", \"FluxImg2ImgPipeline\""
                  + " or \"FluxInpaintPipeline\"");
    };
  }

  /** What sets the two models of FLUX.1 apart stands with the transformer alone. */
  private static boolean embedsGuidance(Path path) {
    Path config = path.resolve("transformer").resolve("config.json");
    return ConfigJson.read(config).bool("guidance_embeds", false);
  }

  private static ModelFamily.Defaults merged(ConfigJson own, ModelFamily.Defaults family) {
    ModelFamily.Defaults merged =
        new ModelFamily.Defaults(
            own.integer("width", family.width()),
            own.integer("height", family.height()),
            own.integer("num_inference_steps", family.numInferenceSteps()),
            own.number("guidance_scale", family.guidanceScale()));
    requirePositive(own, "width", merged.width());
    requirePositive(own, "height", merged.height());
    requirePositive(own, "num_inference_steps", merged.numInferenceSteps());
    return merged;
  }

  private static void requirePositive(ConfigJson own, String key, int value) {
    if (value <= 0) {
      throw own.invalid(key, "at least 1");
    }
  }
}
