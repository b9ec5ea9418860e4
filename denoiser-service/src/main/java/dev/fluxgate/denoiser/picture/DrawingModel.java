package dev.fluxgate.denoiser.picture;

import dev.fluxgate.engine.tensor.DType;
import java.util.List;

/**
 * What a worker draws with, as far as a gateway must know to check and route a request.
 *
 * @param name under which users ask for it
 * @param family for example "flux2-dev"
 * @param modelHash over configuration and weights
 * @param textEncoder architecture of the text encoder whose embeds it takes
 * @param textWidth width of the prompt embeds that the transformer takes
 * @param sizeMultiple sizes must be multiples of this many pixels
 * @param maxPixels largest width times height
 * @param classifierFreeGuidance whether guidance above 1 needs the embeds of the empty prompt
 * @param defaults what a request gets that names nothing
 * @param dtype type it computes in
 * @param abilities what else it can do
 */
public record DrawingModel(
    String name,
    String family,
    String modelHash,
    String textEncoder,
    int textWidth,
    int sizeMultiple,
    long maxPixels,
    boolean classifierFreeGuidance,
    Defaults defaults,
    DType dtype,
    Abilities abilities) {

  /**
   * Defaults of a model's family.
   *
   * @param width pixels
   * @param height pixels
   * @param numInferenceSteps denoising steps
   * @param guidanceScale strength of the prompt
   */
  public record Defaults(int width, int height, int numInferenceSteps, float guidanceScale) {}

  /**
   * What a model can do.
   *
   * @param pipelines by class names of diffusers, the first from a prompt alone
   * @param maxReferences most reference pictures of a job
   * @param pooledWidth width of the pooled embeddings it takes; 0: it takes none
   * @param maxSequenceLength most token positions of the prompt embeds; 0: as the encoder makes
   * @param activationBytes activation memory that one job may take; 0: not told
   */
  public record Abilities(
      List<String> pipelines,
      int maxReferences,
      int pooledWidth,
      int maxSequenceLength,
      long activationBytes) {
    /** Draws from prompts. */
    public static final Abilities NONE = new Abilities(List.of(), 0, 0, 0, 0);

    /** Copies the list. */
    public Abilities {
      pipelines = List.copyOf(pipelines);
    }
  }
}
