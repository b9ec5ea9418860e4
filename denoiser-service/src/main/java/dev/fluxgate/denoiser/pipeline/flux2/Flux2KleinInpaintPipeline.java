package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.InpaintSource;
import dev.fluxgate.denoiser.pipeline.block.KeptPicture;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.pipeline.flux2.Flux2Memory.ReferenceUse;
import dev.fluxgate.denoiser.reference.ReferenceGrid;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.denoiser.vae.tile.Tiling;
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
    return plan(request, task(request, prompts)).bytes();
  }

  private MemoryPlan plan(DenoiseRequest request, Flux2Task task) {
    return MemoryPlan.of(
        model.codec(), request, memoryLimit, (place, tiling) -> layOut(place, task, tiling));
  }

  /** The source is looked at as the first reference is elsewhere. */
  private Flux2Task task(DenoiseRequest request, PromptShapes prompts) {
    LatentGrid grid = InpaintSource.grid(request.pictures(), model.tokenPixels());
    List<LatentGrid> seen = new ArrayList<>(List.of(grid));
    Picture other = request.pictures().imageReference();
    if (other != null) {
      seen.add(ReferenceGrid.of(other, model.tokenPixels()));
    }
    DenoiseRequest complete =
        request.withSchedule(request.schedule().withDefaultStrength(kind().defaultStrength()));
    return Flux2Task.of(model, complete, prompts, steersAway(request), grid, seen);
  }

  private Memory layOut(Workspace workspace, Flux2Task task, Tiling tiling) {
    return new Memory(
        new KeptPicture(workspace, model, task.size(), task.size().grid().tokens()),
        new Flux2Memory(workspace, model, task.size(), ReferenceUse.EVERY_STEP, tiling));
  }

  @Override
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    Flux2Task task = task(request, embeds.shapes());
    MemoryPlan plan = plan(request, task).orRefuse();
    InpaintSource source = InpaintSource.of(request.pictures(), model.tokenPixels());
    HostTensor noise = InitialNoise.of(request.noise(), task.noiseShape(model), model.dtype());
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Memory memory = layOut(workspace, task, plan.tiling());
      Flux2Job job = new Flux2Job(model, task.size(), memory.job());
      HostTensor clean = job.encode(source.fitted(), source.grid());
      job.referTo(seen(job, task, request.pictures().imageReference(), clean));
      job.placeTokens(embeds);
      job.modulate(task.schedule(), request.guidance().guidanceScale());

      boolean startsHere = request.noise().latents() != null;
      job.startFrom(startsHere ? noise : InitialNoise.mixed(task.schedule(), clean, noise));
      memory.kept().prepare(clean, noise, source.tokenMask(model.dtype()), task.schedule());
      double trueScale = Flux2Guidance.trueScale(model.family(), request.guidance());
      return job.denoise(task.schedule(), trueScale, memory.kept(), listener).map(source::complete);
    }
  }

  private static List<HostTensor> seen(
      Flux2Job job, Flux2Task task, @Nullable Picture other, HostTensor clean) {
    return other == null
        ? List.of(clean)
        : List.of(clean, job.encodeReference(other, task.size().references().getLast()));
  }

  private record Memory(KeptPicture kept, Flux2Memory job) {}
}
