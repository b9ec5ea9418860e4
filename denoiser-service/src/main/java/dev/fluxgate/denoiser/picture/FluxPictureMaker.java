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
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
   * @param activationBytes most activation memory
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
        model.dtype());
  }

  @Override
  public DrawingModel model() {
    return description;
  }

  @Override
  public Pictures draw(
      Drawing drawing,
      HostTensor promptEmbeds,
      @Nullable HostTensor negativePromptEmbeds,
      JobProgress progress) {
    DrawingWatch watch = new DrawingWatch(drawing.previewInterval(), progress);
    try {
      PromptEmbeds embeds =
          PromptEmbeds.of(
              single(promptEmbeds),
              negativePromptEmbeds == null ? null : single(negativePromptEmbeds));
      DenoiseRequest request =
          DenoiseRequest.of(
                  drawing.width(),
                  drawing.height(),
                  drawing.numInferenceSteps(),
                  drawing.guidanceScale(),
                  drawing.seed())
              .withNumImages(drawing.numImages())
              .withPreviews(drawing.previewInterval() > 0);
      Pipeline pipeline = PipelineChoice.of(model, null, request);
      checkMemory(pipeline, request, embeds);
      GeneratedImages made = pipeline.run(request, embeds, watch);
      List<EncodedPicture> files = encode(made.images(), drawing);
      return new Pictures(files, watch.denoiseMillis(), watch.decodeMillis());
    } catch (DenoiseCancelledException e) {
      throw watch.stopped();
    } catch (DeviceMemoryException e) {
      throw failure(Fault.JOB, "TOO_LARGE", e);
    } catch (NonFiniteResultException e) {
      throw failure(Fault.JOB, "NOT_FINITE", e);
    } catch (IllegalArgumentException e) {
      throw failure(Fault.REQUEST, "INVALID_REQUEST", e);
    }
  }

  /** (L, D) as a batch of one. */
  private static HostTensor single(HostTensor embeds) {
    if (embeds.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "prompt embeds: " + embeds.shape() + " (expected: [tokens, width])");
    }
    return embeds.reshape(1, embeds.shape().dim(0), embeds.shape().dim(1));
  }

  private void checkMemory(Pipeline pipeline, DenoiseRequest request, PromptEmbeds embeds) {
    long bytes = pipeline.plannedBytes(request, embeds.shapes());
    if (bytes > limits.activationBytes()) {
      throw new JobFailedException(
          Fault.JOB,
          "TOO_LARGE",
          "width x height: %d x %d needs %d MiB of activations (expected: at most %d MiB here)"
              .formatted(
                  request.size().width(),
                  request.size().height(),
                  bytes >> 20,
                  limits.activationBytes() >> 20),
          null);
    }
  }

  private static JobFailedException failure(Fault fault, String reason, RuntimeException cause) {
    return new JobFailedException(fault, reason, String.valueOf(cause.getMessage()), cause);
  }

  private List<EncodedPicture> encode(List<RgbImage> images, Drawing drawing) {
    List<EncodedPicture> files = new ArrayList<>();
    for (RgbImage image : images) {
      int index = files.size();
      Map<String, String> text =
          drawing.omitMetadata()
              ? Map.of()
              : PictureMetadata.of(drawing, index, description.modelHash());
      files.add(
          new EncodedPicture(index, image.width(), image.height(), PngWriter.encode(image, text)));
    }
    return files;
  }

  @Override
  public void close() {
    model.close();
    backend.close();
  }
}
