package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.InpaintSource;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.reference.ReferenceGrid;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.image.Picture;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code Flux2KleinInpaintPipeline} (models spec §6.4): klein and klein-base. Draws anew what a
 * mask shows of a picture, looking at the whole of it and perhaps at another one. The picture
 * decides the size, whatever size is asked for.
 *
 * @param model that it runs
 * @param memoryLimit bytes of activations that a job may take
 */
public record Flux2KleinInpaintPipeline(Flux2Model model, long memoryLimit) implements Pipeline {

  @Override
  public PipelineKind kind() {
    return PipelineKind.FLUX2_KLEIN_INPAINT;
  }

  @Override
  public boolean steersAway(DenoiseRequest request) {
    return Flux2Guidance.trueScale(model.family(), request.guidance()) > 1;
  }

  @Override
  public long plannedBytes(DenoiseRequest request, PromptShapes prompts) {
    Flux2Task task = task(request, prompts);
    return Flux2Memory.plan(model, task, request, memoryLimit).bytes();
  }

  /** The source is looked at as the first reference is elsewhere. */
  private Flux2Task task(DenoiseRequest request, PromptShapes prompts) {
    LatentGrid grid = InpaintSource.grid(request.pictures(), model.tokenPixels());
    List<LatentGrid> seen = new ArrayList<>(List.of(grid));
    Picture other = request.pictures().imageReference();
    if (other != null) {
      seen.add(ReferenceGrid.of(other, model.tokenPixels()));
    }
    return Flux2Task.of(model, kind(), request, prompts, steersAway(request), grid, seen);
  }

  @Override
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    Flux2Task task = task(request, embeds.shapes());
    MemoryPlan plan = Flux2Memory.plan(model, task, request, memoryLimit).orRefuse();
    InpaintSource source = InpaintSource.of(request.pictures(), model.tokenPixels());
    HostTensor noise = InitialNoise.of(request.noise(), task.noiseShape(model), model.dtype());
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Flux2Memory memory = new Flux2Memory(workspace, model, task, plan.tiling());
      Flux2Job job = new Flux2Job(model, task.size(), memory);
      HostTensor clean = job.encode(source.fitted(), source.grid());
      job.referTo(seen(job, task, request.pictures().imageReference(), clean));
      job.placeTokens(embeds);
      job.modulate(task.schedule(), request.guidance().guidanceScale());

      boolean startsHere = request.noise().latents() != null;
      job.startFrom(startsHere ? noise : InitialNoise.mixed(task.schedule(), clean, noise));
      memory.keptPicture().prepare(clean, noise, source.tokenMask(model.dtype()), task.schedule());
      double trueScale = Flux2Guidance.trueScale(model.family(), request.guidance());
      return job.denoise(task.schedule(), trueScale, memory.keptPicture(), listener)
          .map(source::complete);
    }
  }

  private static List<HostTensor> seen(
      Flux2Job job, Flux2Task task, @Nullable Picture other, HostTensor clean) {
    return other == null
        ? List.of(clean)
        : List.of(clean, job.encodeReference(other, task.size().references().getLast()));
  }
}
