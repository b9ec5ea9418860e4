package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.picture.JobFailedException.Fault;
import dev.fluxgate.denoiser.pipeline.DenoiseCancelledException;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.NonFiniteResultException;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.MalformedImageException;
import java.util.List;

/** Draws with a model of the FLUX.2 family. Owns the model and its back end. */
public final class FluxPictureMaker implements PictureMaker {
  private static final List<String> HASHED = List.of("transformer", "vae", "scheduler");

  private final Backend backend;
  private final DenoiserModel model;
  private final DrawingModel description;
  private final Limits limits;

  /**
   * What a job may take.
   *
   * @param maxPixels largest width times height
   * @param activationBytes most activation memory; a job that takes more has its VAE work in tiles
   */
  public record Limits(long maxPixels, long activationBytes) {}

  private FluxPictureMaker(
      Backend backend, DenoiserModel model, DrawingModel description, Limits limits) {
    this.backend = backend;
    this.model = model;
    this.description = description;
    this.limits = limits;
  }

  /**
   * Loads the model of {@code folder} onto {@code backend}, which is closed with it or if it cannot
   * be loaded.
   */
  public static FluxPictureMaker load(
      ModelFolder folder, Backend backend, DType dtype, Limits limits) {
    boolean complete = false;
    try {
      DenoiserModel model = DenoiserModel.load(folder, backend, dtype, StageProbe.NONE);
      FluxPictureMaker maker =
          new FluxPictureMaker(backend, model, describe(folder, model, limits), limits);
      complete = true;
      return maker;
    } finally {
      if (!complete) {
        backend.close();
      }
    }
  }

  private static DrawingModel describe(ModelFolder folder, DenoiserModel model, Limits limits) {
    ModelFamily.Defaults defaults = folder.defaults();
    return new DrawingModel(
        folder.name(),
        folder.family().id(),
        ModelHash.withUserCache().of(HASHED.stream().map(folder::component).toList()),
        folder.family().textEncoder(),
        model.promptWidth(),
        model.tokenPixels(),
        limits.maxPixels(),
        folder.family() == ModelFamily.FLUX2_KLEIN_BASE,
        new DrawingModel.Defaults(
            defaults.width(),
            defaults.height(),
            defaults.numInferenceSteps(),
            (float) defaults.guidanceScale()),
        model.dtype(),
        ModelAbilities.of(model, limits));
  }

  @Override
  public DrawingModel model() {
    return description;
  }

  @Override
  public Pictures draw(Drawing drawing, DrawingInputs inputs, JobProgress progress) {
    DrawingWatch watch = new DrawingWatch(drawing.previewInterval(), progress);
    try {
      PromptEmbeds embeds = DrawingRequests.embeds(inputs);
      DenoiseRequest request = DrawingRequests.request(drawing, inputs, model.family());
      Pipeline pipeline = pipeline(drawing, request);
      GeneratedImages made = pipeline.run(request, embeds, watch);
      PictureFiles files = new PictureFiles(drawing, pipeline.kind(), description.modelHash());
      return new Pictures(files.encode(made), watch.denoiseMillis(), watch.decodeMillis());
    } catch (DenoiseCancelledException e) {
      throw watch.stopped();
    } catch (DeviceMemoryException e) {
      throw failure(Fault.MEMORY, "TOO_LARGE", e);
    } catch (NonFiniteResultException e) {
      throw failure(Fault.JOB, "NOT_FINITE", e);
    } catch (MalformedImageException e) {
      throw failure(Fault.REQUEST, "MALFORMED_IMAGE", e);
    } catch (IllegalArgumentException e) {
      throw failure(Fault.REQUEST, "INVALID_REQUEST", e);
    }
  }

  @Override
  public Need plan(Drawing drawing, DrawingInputs.Shapes shapes) {
    DenoiseRequest request = DrawingRequests.outline(drawing, shapes, model.family());
    PromptShapes prompts = DrawingRequests.prompts(shapes, model.promptWidth());
    return new Need(
        pipeline(drawing, request).plannedBytes(request, prompts), limits.activationBytes());
  }

  private Pipeline pipeline(Drawing drawing, DenoiseRequest request) {
    String named = drawing.options().pipeline();
    return PipelineChoice.of(
        model, named.isEmpty() ? null : named, request, limits.activationBytes());
  }

  private static JobFailedException failure(Fault fault, String reason, RuntimeException cause) {
    return new JobFailedException(fault, reason, String.valueOf(cause.getMessage()), cause);
  }

  @Override
  public void close() {
    model.close();
    backend.close();
  }
}
