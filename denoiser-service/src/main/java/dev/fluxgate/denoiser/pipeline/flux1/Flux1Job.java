package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop;
import dev.fluxgate.denoiser.pipeline.block.DenoisingLoop.AfterStep;
import dev.fluxgate.denoiser.pipeline.block.GuidedVelocity;
import dev.fluxgate.denoiser.pipeline.block.PictureDecoding;
import dev.fluxgate.denoiser.reference.PicturePixels;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.engine.random.NoiseGenerator;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.image.RgbImage;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the pages of the FLUX.1 pipelines are written in. The parts of a job share memory, so they
 * come in this order: the picture is encoded, then {@link #prepare}, then the steps, then decoding.
 */
final class Flux1Job {
  private final Flux1Model model;
  private final Flux1Task task;
  private final Flux1Memory memory;

  Flux1Job(Flux1Model model, Flux1Task task, Flux1Memory memory) {
    this.model = model;
    this.task = task;
    this.memory = memory;
  }

  /** A picture of the job's size → (1, C, g, k), a draw from what it may have come from. */
  HostTensor sample(RgbImage picture, NoiseGenerator generator) {
    return model.codec().sample(PicturePixels.of(picture), memory.encoding(), generator);
  }

  /** Stores prompts and positions, and computes what the transformer needs of all steps at once. */
  void prepare(DenoiseRequest request, PromptEmbeds embeds) {
    float guidance = (float) request.guidance().guidanceScale();
    prepare(memory.passes().getFirst(), "pooled prompt embeds", embeds.positive(), guidance);
    TextEmbeds negative = embeds.negative();
    if (task.size().prompts().steersAway() && negative != null) {
      prepare(memory.passes().getLast(), "negative pooled prompt embeds", negative, guidance);
    }
  }

  private void prepare(Flux1Pass pass, String name, TextEmbeds embeds, float guidanceScale) {
    HostTensor pooled = pooled(name, embeds.pooled(), pass.prompts().count());
    pass.prompts().upload(model, embeds.sequence());
    PositionIds text = PositionIds.text(pass.prompts().tokens());
    PositionIds image = PositionIds.image(task.size().grid(), 0);
    model.probe().observe("text_ids", text.toFloats());
    model.probe().observe("image_ids", image.toFloats());
    model.transformer().place(text, image, pass.activations());
    int steps = task.schedule().steps();
    int rows = pass.modulations().count();
    float[] times = new float[rows];
    HostTensor pooledRows =
        HostTensor.zeros(model.dtype(), Shape.of(rows, pooled.shape().columns()));
    for (int row = 0; row < rows; row++) {
      times[row] = task.schedule().timeValue(row % steps, model.dtype());
      pooledRows.slice(row, 1).data().copyFrom(pooled.slice(row / steps, 1).data());
    }
    float[] guidance = new float[rows];
    Arrays.fill(guidance, guidanceScale);
    model.probe().observe("times", times);
    model.probe().observe("guidance", guidance);
    boolean embedsGuidance = model.transformer().params().guidanceEmbeds();
    model
        .transformer()
        .modulate(times, embedsGuidance ? guidance : null, pooledRows, pass.modulations());
  }

  private HostTensor pooled(String name, @Nullable HostTensor given, int prompts) {
    Shape expected = Shape.of(prompts, model.pooledWidth());
    if (given == null || !given.shape().equals(expected)) {
      throw new IllegalArgumentException(
          "%s: %s (expected: %s)"
              .formatted(name, given == null ? "none" : given.shape(), expected));
    }
    return given.to(model.dtype());
  }

  /** Stores (N, S, C), what the first step starts from. */
  void startFrom(HostTensor packed) {
    model.backend().upload(packed, memory.latents());
    model.probe().observe("initial_latents", memory.latents());
  }

  /** Stores (N, C, g, k), what the first step starts from. */
  void startFromGrid(HostTensor latents) {
    startFrom(LatentPacker.pack(latents));
  }

  /** Runs the steps, then decodes. */
  GeneratedImages denoise(double trueCfgScale, AfterStep afterStep, DenoiseListener listener) {
    GuidedVelocity velocity = new GuidedVelocity(model, memory.passes(), trueCfgScale);
    DenoisingLoop loop = new DenoisingLoop(model, task.schedule(), listener);
    Tensor latents = memory.latents();
    loop.run(latents, task.size().images(), velocity, afterStep, memory.previewing());
    return new PictureDecoding(model, loop).decode(latents, task.size().grid(), memory.decoding());
  }
}
