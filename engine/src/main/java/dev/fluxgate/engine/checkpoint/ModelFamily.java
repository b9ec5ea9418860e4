package dev.fluxgate.engine.checkpoint;

/** The kinds of FLUX that a model folder can hold. */
public enum ModelFamily {
  /** Mistral3 text encoder, guidance embedding. */
  FLUX2_DEV("flux2-dev", "mistral3", 50, 4),
  /** Qwen3 text encoder, distilled to few steps without guidance. */
  FLUX2_KLEIN("flux2-klein", "qwen3", 4, 1),
  /** Qwen3 text encoder, not distilled: classifier-free guidance. */
  FLUX2_KLEIN_BASE("flux2-klein-base", "qwen3", 50, 4),
  /** As klein; attends to references whose keys and values are computed once a job. */
  FLUX2_KLEIN_KV("flux2-klein-kv", "qwen3", 4, 1),
  /** T5 and CLIP text encoders, guidance embedding. */
  FLUX1_DEV("flux1-dev", "t5+clip", 28, 3.5),
  /** T5 and CLIP text encoders, distilled to few steps without guidance. */
  FLUX1_SCHNELL("flux1-schnell", "t5+clip", 4, 0);

  private static final int SIDE_PIXELS = 1024;

  private final String id;
  private final String textEncoder;
  private final int numInferenceSteps;
  private final double guidanceScale;

  ModelFamily(String id, String textEncoder, int numInferenceSteps, double guidanceScale) {
    this.id = id;
    this.textEncoder = textEncoder;
    this.numInferenceSteps = numInferenceSteps;
    this.guidanceScale = guidanceScale;
  }

  /** As it stands in metadata and messages. */
  public String id() {
    return id;
  }

  /** Architecture of the text encoder whose embeds it takes, as it stands in messages. */
  public String textEncoder() {
    return textEncoder;
  }

  /** What a request gets that does not say. */
  public Defaults defaults() {
    return new Defaults(SIDE_PIXELS, SIDE_PIXELS, numInferenceSteps, guidanceScale);
  }

  /**
   * Request parameters of a model, where the request gives none.
   *
   * @param width in pixels
   * @param height in pixels
   * @param numInferenceSteps denoising steps
   * @param guidanceScale embedded guidance (both dev) or classifier-free guidance (klein-base)
   */
  public record Defaults(int width, int height, int numInferenceSteps, double guidanceScale) {}
}
