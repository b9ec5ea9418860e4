package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop.AfterStep;
import dev.fluxgate.denoiser.pipeline.block.InitialNoise;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * {@code Flux2Pipeline}: FLUX.2-dev (models spec §6.1). Text, and up to ten references, → pictures.
 * The guidance scale is an input of the transformer; true guidance comes on top.
 *
 * @param model that it runs
 * @param memoryLimit bytes of activations that a job may take
 */
public record Flux2Pipeline(Flux2Model model, long memoryLimit) implements Pipeline {

  @Override
  public PipelineKind kind() {
    return PipelineKind.FLUX2;
  }

  @Override
  public boolean steersAway(DenoiseRequest request) {
    return request.guidance().trueCfgScale() > 1;
  }

  @Override
  public long plannedBytes(DenoiseRequest request, PromptShapes prompts) {
    Flux2Task task = Flux2Task.of(model, kind(), request, prompts, steersAway(request));
    return Flux2Memory.plan(model, task, request, memoryLimit).bytes();
  }

  @Override
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    Flux2Task task = Flux2Task.of(model, kind(), request, embeds.shapes(), steersAway(request));
    MemoryPlan plan = Flux2Memory.plan(model, task, request, memoryLimit).orRefuse();
    HostTensor noise = InitialNoise.of(request.noise(), task.noiseShape(model), model.dtype());
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Flux2Memory memory = new Flux2Memory(workspace, model, task, plan.tiling());
      Flux2Job job = new Flux2Job(model, task.size(), memory);
      job.refer(request.pictures().references());
      job.placeTokens(embeds);
      job.modulate(task.schedule(), request.guidance().guidanceScale());
      job.startFrom(noise);
      return job.denoise(
          task.schedule(), request.guidance().trueCfgScale(), AfterStep.NOTHING, listener);
    }
  }
}
