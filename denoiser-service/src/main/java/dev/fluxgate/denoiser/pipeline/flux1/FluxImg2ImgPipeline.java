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
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.prepare.PictureFit;
import java.util.Objects;

/**
 * {@code FluxImg2ImgPipeline}: text and a picture → pictures (models spec §6.7). The picture is
 * stretched to the size that is made, drawn from the VAE's posterior, and mixed with noise: in this
 * order both come from the same generator.
 *
 * @param model that it runs
 * @param memoryLimit bytes of activations that a job may take
 */
public record FluxImg2ImgPipeline(Flux1Model model, long memoryLimit) implements Pipeline {

  @Override
  public PipelineKind kind() {
    return PipelineKind.FLUX_IMG2IMG;
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
    Picture picture = Objects.requireNonNull(request.pictures().image(), "image");
    NoiseDraws draws = NoiseDraws.of(request.noise(), task.size().images());
    try (Workspace workspace = model.backend().workspace(plan.bytes())) {
      Flux1Memory memory = new Flux1Memory(workspace, model, task, plan.tiling());
      Flux1Job job = new Flux1Job(model, task, memory);
      HostTensor given = request.noise().latents();
      if (given == null) {
        RgbImage fitted = PictureFit.STRETCH.apply(picture, task.width(model), task.height(model));
        HostTensor clean = job.sample(fitted, draws.first());
        HostTensor noise =
            LatentPacker.patchify(draws.randn(task.noiseShape(model), model.dtype()));
        job.startFromGrid(InitialNoise.mixed(task.schedule(), clean, noise));
      } else {
        job.startFrom(InitialNoise.given(given, task.packedShape(model), model.dtype()));
      }
      job.prepare(request, embeds);
      return job.denoise(request.guidance().trueCfgScale(), AfterStep.NOTHING, listener);
    }
  }
}
