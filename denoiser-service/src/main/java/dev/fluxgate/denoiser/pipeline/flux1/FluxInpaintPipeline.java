package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.InpaintSource;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.pipeline.block.NoiseDraws;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * {@code FluxInpaintPipeline}: text, a picture and a mask → pictures that differ where the mask is
 * white (models spec §6.4, §6.7). As from a picture alone, but every step ends by putting back what
 * is kept.
 *
 * @param model that it runs
 * @param memoryLimit bytes of activations that a job may take
 */
public record FluxInpaintPipeline(Flux1Model model, long memoryLimit) implements Pipeline {

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
    Flux1Task task = Flux1Task.of(model, kind(), request, prompts);
    return Flux1Memory.plan(model, task, request, memoryLimit).bytes();
  }

  @Override
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    Flux1Task task = Flux1Task.of(model, kind(), request, embeds.shapes());
    MemoryPlan plan = Flux1Memory.plan(model, task, request, memoryLimit).orRefuse();
    InpaintSource source =
        InpaintSource.of(request.pictures(), task.size().grid(), model.tokenPixels());
    NoiseDraws draws = NoiseDraws.of(request.noise(), task.size().images());
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Flux1Memory memory = new Flux1Memory(workspace, model, task, plan.tiling());
      Flux1Job job = new Flux1Job(model, task, memory);
      HostTensor clean = job.sample(source.fitted(), draws.first());
      HostTensor given = request.noise().latents();
      HostTensor noise =
          LatentPacker.patchify(
              given == null
                  ? draws.randn(task.noiseShape(model), model.dtype())
                  : InitialNoise.given(given, task.noiseShape(model), model.dtype()));
      job.startFromGrid(given == null ? InitialNoise.mixed(task.schedule(), clean, noise) : noise);
      HostTensor mask = source.latentMask(model.codec().latentChannels(), model.dtype());
      memory.kept().prepare(clean, noise, mask, task.schedule());
      job.prepare(request, embeds);
      return job.denoise(request.guidance().trueCfgScale(), memory.kept(), listener)
          .map(source::complete);
    }
  }
}
