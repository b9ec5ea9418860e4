package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.pipeline.DenoiseListener.Stage;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Prompt embeds → pictures (flux2 spec §6.1, §6.2): noise → schedule → loop → unpack → decode. One
 * page for all families: dev embeds the guidance scale, klein has none, klein-base is guided by the
 * difference of a positive and a negative pass.
 */
public final class TextToImagePipeline {
  private final DenoiserModel model;
  private final Backend backend;

  /** The pipeline of a loaded model. */
  public TextToImagePipeline(DenoiserModel model) {
    this.model = model;
    backend = model.backend();
  }

  /** Bytes of activation memory that a job of this size takes, exactly. */
  public long plannedBytes(JobSize size) {
    return WorkspacePlan.bytes(plan -> layOut(plan, size));
  }

  private TextToImageActivations layOut(Workspace workspace, JobSize size) {
    return new TextToImageActivations(workspace, model, size);
  }

  /**
   * Runs a job.
   *
   * @throws IllegalArgumentException if the model cannot do it; the message says what it can
   * @throws DenoiseCancelledException if the listener asked for it
   * @throws NonFiniteResultException if the model computed what is no number
   */
  public GeneratedImages run(
      DenoiseRequest request, PromptEmbeds embeds, DenoiseListener listener) {
    HostTensor negative = embeds.negative();
    JobSize size =
        JobSize.of(
            model, request, embeds.positive().shape(), negative == null ? null : negative.shape());
    HostTensor noise = InitialLatents.of(model, request, size);
    SigmaSchedule schedule = model.schedule(request, size.grid());
    try (Workspace workspace = backend.workspace(plannedBytes(size))) {
      TextToImageActivations memory = layOut(workspace, size);
      backend.upload(LatentPacker.pack(noise), memory.latents());
      model.probe().observe("initial_latents", memory.latents());
      memory.passes().getFirst().prepare(model, embeds.positive(), size.grid());
      if (size.isClassifierFree() && negative != null) {
        memory.passes().getLast().prepare(model, negative, size.grid());
      }
      modulate(request, schedule, memory);

      listener.onStage(Stage.DENOISING);
      denoise((float) request.guidanceScale(), schedule, memory, listener);
      Runnable goOn = () -> stopIfCancelled(listener, schedule.steps(), schedule);
      goOn.run();
      listener.onStage(Stage.DECODING);
      return LatentDecoding.decode(model, size, memory, goOn);
    }
  }

  /** What the transformer needs of time and guidance, for all steps at once. */
  private void modulate(
      DenoiseRequest request, SigmaSchedule schedule, TextToImageActivations memory) {
    float[] times = new float[schedule.steps()];
    for (int step = 0; step < times.length; step++) {
      times[step] = schedule.timeValue(step, model.dtype());
    }
    float[] guidance = new float[schedule.steps()];
    Arrays.fill(guidance, (float) request.guidanceScale());
    model
        .transformer()
        .modulate(times, model.embedsGuidance() ? guidance : null, memory.modulations());
  }

  private void denoise(
      float guidanceScale,
      SigmaSchedule schedule,
      TextToImageActivations memory,
      DenoiseListener listener) {
    List<TransformerPass> passes = memory.passes();
    Tensor latents = memory.latents();
    Tensor velocity = passes.getFirst().velocity();
    for (int step = 0; step < schedule.steps(); step++) {
      stopIfCancelled(listener, step, schedule);
      for (int pass = 0; pass < passes.size(); pass++) {
        passes.get(pass).forward(model.transformer(), memory.modulations().at(step));
        model
            .probe()
            .observe("model_output." + (step * passes.size() + pass), passes.get(pass).velocity());
      }
      if (passes.size() > 1) {
        backend.guide(passes.getLast().velocity(), velocity, guidanceScale, velocity);
      }
      backend.eulerStep(latents, velocity, schedule.dt(step), latents);
      model.probe().observe("latents_after_step." + step, latents);
      backend.synchronize();
      listener.onStep(step + 1, schedule.steps());
      PictureEstimate estimate = memory.estimate(schedule, step + 1);
      if (estimate != null) {
        listener.onEstimate(step + 1, schedule.steps(), estimate);
      }
    }
  }

  private static void stopIfCancelled(DenoiseListener listener, int done, SigmaSchedule schedule) {
    if (listener.isCancelled()) {
      throw new DenoiseCancelledException(done, schedule.steps());
    }
  }
}
