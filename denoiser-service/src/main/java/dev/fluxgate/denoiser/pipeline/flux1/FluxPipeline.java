package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop.AfterStep;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.pipeline.block.NoiseDraws;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * {@code FluxPipeline}: text → pictures (models spec §6.6). The guidance scale is an input of dev's
 * transformer, without effect on schnell; true guidance comes on top.
 *
 * @param model that it runs
 * @param memoryLimit bytes of activations that a job may take
 */
public record FluxPipeline(Flux1Model model, long memoryLimit) implements Pipeline {

  @Override
  public PipelineKind kind() {
    return PipelineKind.FLUX;
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
    HostTensor start = start(request, task);
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Flux1Memory memory = new Flux1Memory(workspace, model, task, plan.tiling());
      Flux1Job job = new Flux1Job(model, task, memory);
      job.prepare(request, embeds);
      job.startFrom(start);
      return job.denoise(request.guidance().trueCfgScale(), AfterStep.NOTHING, listener);
    }
  }

  /** (N, S, C): noise, or what the request gives. */
  private HostTensor start(DenoiseRequest request, Flux1Task task) {
    HostTensor given = request.noise().latents();
    if (given != null) {
      return InitialNoise.given(given, task.packedShape(model), model.dtype());
    }
    NoiseDraws draws = NoiseDraws.of(request.noise(), task.size().images());
    HostTensor noise = draws.randn(task.noiseShape(model), model.dtype());
    return LatentPacker.pack(LatentPacker.patchify(noise));
  }
}
