package dev.fluxgate.denoiser.picture;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a drawing may ask for beside prompt, size and steps. What is absent is the pipeline's own
 * matter.
 *
 * @param pipeline class name of diffusers; empty: what the inputs are decides
 * @param words what steers beside the prompt
 * @param start what a start from a picture needs
 * @param noise how it is drawn
 * @param output what comes out
 * @param inputs hashes of what the request brought, by field; only for the metadata
 */
public record DrawingOptions(
    String pipeline,
    Words words,
    Start start,
    Noise noise,
    Output output,
    Map<String, String> inputs) {
  /** A picture from a prompt. */
  public static final DrawingOptions NONE =
      new DrawingOptions(
          "",
          new Words(null, null, null, null, ""),
          new Start(null, null, false),
          new Noise(List.of(), Generator.CPU, List.of()),
          new Output(OutputFormat.PNG, null, null),
          Map.of());

  /**
   * What steers beside the prompt; prompts only for the metadata.
   *
   * @param negativePrompt null: none was named
   * @param trueCfgScale strength of guidance by it; null: the pipeline's default
   * @param prompt2 null: as the prompt
   * @param negativePrompt2 null: as the negative prompt
   * @param upsampledPrompt what the prompt was rewritten to; empty: it was not
   */
  public record Words(
      @Nullable String negativePrompt,
      @Nullable Float trueCfgScale,
      @Nullable String prompt2,
      @Nullable String negativePrompt2,
      String upsampledPrompt) {}

  /**
   * What a start from a picture needs.
   *
   * @param strength how much is made anew; null: the pipeline's default
   * @param paddingMaskCrop pixels around the mask to crop to; null: no crop
   * @param maskByOpacity whether the mask is transparent, and not white, where it is painted anew
   */
  public record Start(
      @Nullable Float strength, @Nullable Integer paddingMaskCrop, boolean maskByOpacity) {}

  /**
   * How the noise is drawn.
   *
   * @param seeds one a picture; empty: all from the drawing's seed
   * @param generator whose numbers
   * @param sigmas levels of the steps; empty: the model's own
   */
  public record Noise(List<Long> seeds, Generator generator, List<Float> sigmas) {
    /** Copies the lists. */
    public Noise {
      seeds = List.copyOf(seeds);
      sigmas = List.copyOf(sigmas);
    }
  }

  /** Whose random numbers. */
  public enum Generator {
    /** Those that torch draws on a CPU. */
    CPU,
    /** Those that torch draws on a CUDA device. */
    CUDA
  }

  /**
   * What comes out.
   *
   * @param format of the files
   * @param tileSize pixels of a tile's side; null: tiles where memory demands them
   * @param tileOverlap part of a tile that overlaps the next; null: the standard
   */
  public record Output(
      OutputFormat format, @Nullable Integer tileSize, @Nullable Float tileOverlap) {}

  /** Format of a file. */
  public enum OutputFormat {
    /** A picture, without loss. */
    PNG,
    /** A picture. */
    JPEG,
    /** A picture. */
    WEBP,
    /** No picture: the latents, as a safetensors file. */
    LATENTS
  }

  /** Keeps the order of the inputs. */
  public DrawingOptions {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }
}
