package dev.fluxgate.denoiser.model;

import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.schedule.FlowMatchEulerScheduler;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;

/**
 * Transformer, VAE and schedule of a model folder, loaded onto a back end: what all families share.
 * Each family adds its transformer. Closing it frees the weights and unmaps the files; the back end
 * stays open.
 */
public abstract sealed class DenoiserModel implements AutoCloseable permits Flux1Model, Flux2Model {
  private final ModelParts parts;

  DenoiserModel(ModelParts parts) {
    this.parts = parts;
  }

  /**
   * Loads the model of {@code folder}, to compute in {@code dtype}; {@code probe} sees its stages.
   *
   * @throws dev.fluxgate.engine.checkpoint.InvalidModelException if a component is missing or its
   *     configuration cannot be
   * @throws dev.fluxgate.engine.checkpoint.MissingWeightException if a weight is missing
   * @throws dev.fluxgate.engine.checkpoint.WeightShapeException if a weight does not fit
   */
  public static DenoiserModel load(
      ModelFolder folder, Backend backend, DType dtype, StageProbe probe) {
    ModelFiles files = ModelFiles.open(folder, backend.weights(dtype));
    boolean complete = false;
    try {
      ModelParts parts = ModelParts.load(folder, files, backend, dtype, probe);
      DenoiserModel model = of(parts);
      complete = true;
      return model;
    } finally {
      if (!complete) {
        files.close();
      }
    }
  }

  private static DenoiserModel of(ModelParts parts) {
    return switch (parts.folder().family()) {
      case FLUX2_DEV, FLUX2_KLEIN, FLUX2_KLEIN_BASE, FLUX2_KLEIN_KV -> new Flux2Model(parts);
      case FLUX1_DEV, FLUX1_SCHNELL -> new Flux1Model(parts);
    };
  }

  /** Features of a token of the prompt embeds that the transformer takes. */
  public abstract int promptWidth();

  /** Width of the pooled embeds that the transformer takes; 0 where it takes none. */
  public int pooledWidth() {
    return 0;
  }

  /** What kind of model it is. */
  public final ModelFamily family() {
    return parts.folder().family();
  }

  /** What a request gets that does not say. */
  public final ModelFamily.Defaults defaults() {
    return parts.folder().defaults();
  }

  /** Pictures ⇄ latents. */
  public final PictureCodec codec() {
    return parts.codec();
  }

  /** Side of the square of pixels that one image token stands for. */
  public final int tokenPixels() {
    return parts.codec().tokenPixels();
  }

  /** Numbers of steps → noise levels. */
  public final FlowMatchEulerScheduler scheduler() {
    return parts.scheduler();
  }

  /** Latents between the steps → small pictures. */
  public final LatentPreview preview() {
    return parts.preview();
  }

  /** Where it computes. */
  public final Backend backend() {
    return parts.backend();
  }

  /** What it computes in; latents and pixels have this type. */
  public final DType dtype() {
    return parts.dtype();
  }

  /** Sees its stages. */
  public final StageProbe probe() {
    return parts.probe();
  }

  /** Bytes of the weights, without mapped files. */
  public final long weightBytes() {
    return parts.files().store().residentBytes();
  }

  @Override
  public final void close() {
    parts.files().close();
  }
}
