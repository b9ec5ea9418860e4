package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.NoiseDraws;
import dev.fluxgate.denoiser.pipeline.flux1.Flux1Memory.Start;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.InpaintMask;
import dev.fluxgate.image.prepare.PictureFit;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@code FluxInpaintPipeline}: text, a picture and a mask → pictures that differ where the mask is
 * white (models spec §6.4, §6.7). As from a picture alone, but every step ends by putting back what
 * is kept.
 */
public final class FluxInpaintPipeline implements Pipeline {
  private final Flux1Model model;

  /** The pipeline of a loaded model. */
  public FluxInpaintPipeline(Flux1Model model) {
    this.model = model;
  }

  @Override
  public PipelineKind kind() {
    return PipelineKind.FLUX_INPAINT;
  }

  @Override
  public boolean steersAway(DenoiseRequest request) {
    return request.guidance().trueCfgScale() > 1;
  }

  @Override
  public long plannedBytes(DenoiseRequest request, PromptShapes prompts) {
    return plannedBytes(Flux1Task.of(model, kind(), request, prompts));
  }

  private long plannedBytes(Flux1Task task) {
    return WorkspacePlan.bytes(plan -> layOut(plan, task));
  }

  private Flux1Memory layOut(Workspace workspace, Flux1Task task) {
    return new Flux1Memory(workspace, model, task.size(), Start.MASKED_PICTURE);
  }

  @Override
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    Flux1Task task = Flux1Task.of(model, kind(), request, embeds.shapes());
    int width = task.width(model);
    int height = task.height(model);
    Picture picture = Objects.requireNonNull(request.pictures().image(), "image");
    Picture maskImage = Objects.requireNonNull(request.pictures().maskImage(), "mask_image");
    checkSize(maskImage, picture);
    checkUncropped(request.pictures().paddingMaskCrop());
    RgbImage fitted = PictureFit.STRETCH.apply(picture, width, height);
    InpaintMask mask = InpaintMask.of(maskImage, width, height);
    NoiseDraws draws = NoiseDraws.of(request.noise(), task.size().images());
    try (Workspace workspace = model.backend().workspace(plannedBytes(task))) {
      Flux1Memory memory = layOut(workspace, task);
      Flux1Job job = new Flux1Job(model, task, memory);
      HostTensor latents = job.sample(fitted, draws.first());
      HostTensor given = request.noise().latents();
      HostTensor noise =
          LatentPacker.patchify(
              given == null
                  ? draws.randn(task.noiseShape(model), model.dtype())
                  : InitialNoise.given(given, task.noiseShape(model), model.dtype()));
      job.startFromGrid(
          given == null ? task.schedule().scaleNoise(0, job.forEach(latents), noise) : noise);
      memory.repainting().prepare(latents, noise, mask, task.schedule());
      job.prepare(request, embeds);
      return job.denoise(request.guidance().trueCfgScale(), memory.repainting(), listener);
    }
  }

  private static void checkSize(Picture mask, Picture picture) {
    if (mask.width() != picture.width() || mask.height() != picture.height()) {
      throw new IllegalArgumentException(
          "mask_image: %d x %d (expected: %d x %d, as large as image)"
              .formatted(mask.width(), mask.height(), picture.width(), picture.height()));
    }
  }

  /** Only a part of the picture could be drawn larger; this page draws all of it. */
  private static void checkUncropped(@Nullable Integer paddingMaskCrop) {
    if (paddingMaskCrop != null) {
      throw new IllegalArgumentException(
          "padding_mask_crop: %d (expected: none with FluxInpaintPipeline)"
              .formatted(paddingMaskCrop));
    }
  }
}
