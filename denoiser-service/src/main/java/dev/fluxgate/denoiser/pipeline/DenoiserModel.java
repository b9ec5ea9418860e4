package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.schedule.EmpiricalMu;
import dev.fluxgate.denoiser.schedule.FlowMatchEulerScheduler;
import dev.fluxgate.denoiser.schedule.SchedulerConfig;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.Flux2Params;
import dev.fluxgate.denoiser.transformer.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.Flux2Weights;
import dev.fluxgate.denoiser.vae.BflVae;
import dev.fluxgate.denoiser.vae.LatentNormalizer;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.denoiser.vae.VaeWeights;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.InvalidModelException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/**
 * Transformer, VAE decoder and schedule of a model folder, loaded onto a back end. Closing it frees
 * the weights and unmaps the files; the back end stays open.
 */
public final class DenoiserModel implements AutoCloseable {
  private static final String TRANSFORMER = "transformer";
  private static final String VAE = "vae";

  private final Backend backend;
  private final DType dtype;
  private final StageProbe probe;
  private final ModelFamily family;
  private final Files files;
  private final Flux2Transformer transformer;
  private final VaeParams vaeParams;
  private final VaeDecoder decoder;
  private final LatentNormalizer normalizer;
  private final LatentPreview preview;
  private final FlowMatchEulerScheduler scheduler;

  private DenoiserModel(
      ModelFolder folder, Backend backend, DType dtype, StageProbe probe, Files files) {
    this.backend = backend;
    this.dtype = dtype;
    this.probe = probe;
    this.files = files;
    family = folder.family();
    Flux2Params params = Flux2Params.of(config(folder, TRANSFORMER));
    vaeParams = VaeParams.of(config(folder, VAE));
    checkThatTheyFit(folder.path(), params, vaeParams);
    Path schedulerFile = folder.component("scheduler").resolve("scheduler_config.json");
    scheduler = new FlowMatchEulerScheduler(SchedulerConfig.from(ConfigJson.read(schedulerFile)));
    TensorSource vae = BflVae.adapt(files.vae());
    normalizer = LatentNormalizer.load(vaeParams, vae, dtype);
    VaeWeights vaeWeights = VaeWeights.decoder(vaeParams, vae, files.store());
    decoder = new VaeDecoder(backend, vaeWeights, probe);
    VaeDecoder unwatched = new VaeDecoder(backend, vaeWeights, StageProbe.NONE);
    preview = new LatentPreview(vaeParams, normalizer, unwatched, dtype);
    TensorSource source = BflTransformer.adapt(files.transformer());
    Flux2Weights weights = Flux2Weights.load(params, source, files.store());
    transformer = new Flux2Transformer(backend, params, weights, probe);
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
    Files files = Files.open(folder, backend.weights(dtype));
    boolean complete = false;
    try {
      DenoiserModel model = new DenoiserModel(folder, backend, dtype, probe, files);
      complete = true;
      return model;
    } finally {
      if (!complete) {
        files.close();
      }
    }
  }

  private static ConfigJson config(ModelFolder folder, String component) {
    return ConfigJson.read(folder.component(component).resolve("config.json"));
  }

  private static void checkThatTheyFit(Path folder, Flux2Params params, VaeParams vae) {
    int channels = vae.latentChannels() * LatentPacker.PATCH * LatentPacker.PATCH;
    if (params.inChannels() != channels || params.outChannels() != channels) {
      throw new InvalidModelException(
          folder,
          "a transformer from %d to %d channels"
              .formatted(params.inChannels(), params.outChannels()),
          channels + " both ways, 4 for each of " + vae.latentChannels() + " latent channels");
    }
  }

  /** Whether a request with this guidance scale takes a negative prompt and a second pass. */
  public boolean isClassifierFree(double guidanceScale) {
    return family == ModelFamily.FLUX2_KLEIN_BASE && guidanceScale > 1;
  }

  /** Whether the guidance scale is an input of the transformer. */
  boolean embedsGuidance() {
    return family == ModelFamily.FLUX2_DEV;
  }

  /** The noise levels of a request for pictures of this grid; mu follows the steps asked for. */
  SigmaSchedule schedule(DenoiseRequest request, LatentGrid grid) {
    double mu = EmpiricalMu.of(grid.tokens(), request.numInferenceSteps());
    if (request.sigmas().isEmpty()) {
      return scheduler.schedule(request.numInferenceSteps(), mu);
    }
    float[] sigmas = new float[request.sigmas().size()];
    for (int i = 0; i < sigmas.length; i++) {
      sigmas[i] = request.sigmas().get(i);
    }
    return scheduler.schedule(sigmas, mu);
  }

  /** Side of the square of pixels that one image token stands for. */
  public int tokenPixels() {
    return LatentPacker.PATCH * vaeParams.scale();
  }

  /** Bytes of the weights, without mapped files. */
  public long weightBytes() {
    return files.store().residentBytes();
  }

  /** Where it computes. */
  public Backend backend() {
    return backend;
  }

  /** What it computes in; latents and pixels have this type. */
  public DType dtype() {
    return dtype;
  }

  /** Noisy latents → velocity. */
  public Flux2Transformer transformer() {
    return transformer;
  }

  StageProbe probe() {
    return probe;
  }

  VaeParams vaeParams() {
    return vaeParams;
  }

  VaeDecoder decoder() {
    return decoder;
  }

  LatentNormalizer normalizer() {
    return normalizer;
  }

  LatentPreview preview() {
    return preview;
  }

  @Override
  public void close() {
    files.close();
  }

  /** What must be closed, weights before the files that they may lie in. */
  private record Files(Checkpoint transformer, Checkpoint vae, WeightStore store)
      implements AutoCloseable {

    static Files open(ModelFolder folder, WeightStore store) {
      Checkpoint transformer = null;
      Checkpoint vae = null;
      try {
        transformer = Checkpoint.open(folder.component(TRANSFORMER));
        vae = Checkpoint.open(folder.component(VAE));
        return new Files(transformer, vae, store);
      } finally {
        if (vae == null) {
          store.close();
          if (transformer != null) {
            transformer.close();
          }
        }
      }
    }

    @Override
    public void close() {
      store.close();
      transformer.close();
      vae.close();
    }
  }
}
