package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.schedule.SigmaSchedule;
import dev.fluxgate.denoiser.transformer.Flux2Activations;
import dev.fluxgate.denoiser.transformer.Flux2Params;
import dev.fluxgate.denoiser.transformer.StepModulations;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one text-to-image job, and every view that its steps take. The VAE, which runs last,
 * lies where the transformer's activations were.
 */
final class TextToImageActivations {
  private final Workspace workspace;
  private final DenoiserModel model;
  private final JobSize size;
  private final Flux2Params params;
  private final Tensor latents;
  private final StepModulations modulations;
  private final List<TransformerPass> passes;
  private final VaeActivations decoding;
  private final LatentPreview.@Nullable Memory previewing;

  TextToImageActivations(Workspace workspace, DenoiserModel model, JobSize size) {
    this.workspace = workspace;
    this.model = model;
    this.size = size;
    params = model.transformer().params();
    latents = rows(size.images() * size.grid().tokens(), params.inChannels());
    modulations = new StepModulations(workspace, params, model.dtype(), size.steps());
    TransformerPass.Prompts positive = prompts(size.prompts(), size.textTokens());
    TransformerPass.Prompts negative = prompts(size.negativePrompts(), size.negativeTokens());
    Tensor velocity = rows(latents.rows(), params.outChannels());
    Tensor negativeVelocity =
        rows(size.isClassifierFree() ? latents.rows() : 0, params.outChannels());

    // Beside the transformer's, which keep the positions of the tokens from step to step.
    previewing = size.previews() ? model.preview().layOut(workspace, size.grid()) : null;

    long mark = workspace.mark();
    Flux2Activations activations = activations(size.textTokens());
    TransformerPass first = pass(positive, activations, velocity);
    passes =
        size.isClassifierFree()
            ? List.of(first, negativePass(negative, activations, negativeVelocity))
            : List.of(first);
    workspace.release(mark);
    LatentGrid grid = size.grid();
    // One picture at a time, so that their number does not count.
    decoding =
        VaeActivations.decoding(
            workspace,
            model.vaeParams(),
            model.dtype(),
            1,
            grid.rows() * LatentPacker.PATCH,
            grid.columns() * LatentPacker.PATCH);
  }

  private Tensor rows(int rows, int columns) {
    return workspace.tensor(model.dtype(), Shape.of(rows, columns));
  }

  private TransformerPass.Prompts prompts(int count, int tokens) {
    return new TransformerPass.Prompts(rows(count * tokens, params.promptWidth()), count, tokens);
  }

  private Flux2Activations activations(int textTokens) {
    return new Flux2Activations(workspace, params, model.dtype(), textTokens, size.grid().tokens());
  }

  /** Prompts of one length have the same positions, so both passes can share the activations. */
  private TransformerPass negativePass(
      TransformerPass.Prompts prompts, Flux2Activations positive, Tensor velocity) {
    boolean alike = size.negativeTokens() == size.textTokens();
    return pass(prompts, alike ? positive : activations(size.negativeTokens()), velocity);
  }

  private TransformerPass pass(
      TransformerPass.Prompts prompts, Flux2Activations activations, Tensor velocity) {
    int tokens = size.grid().tokens();
    List<TransformerPass.Sequence> sequences =
        IntStream.range(0, size.images())
            .mapToObj(image ->
                new TransformerPass.Sequence(
                    latents.rows(image * tokens, tokens),
                    prompts.of(image / size.imagesPerPrompt()),
                    velocity.rows(image * tokens, tokens)))
            .toList();
    return new TransformerPass(prompts, sequences, activations, velocity);
  }

  /** (N·S, C), updated by every step. */
  Tensor latents() {
    return latents;
  }

  StepModulations modulations() {
    return modulations;
  }

  /** The passes of a step, in order: positive, then negative if there is one. */
  List<TransformerPass> passes() {
    return passes;
  }

  /** What the pictures will be, after the first {@code done} steps; null without previews. */
  @Nullable PictureEstimate estimate(SigmaSchedule schedule, int done) {
    if (previewing == null) {
      return null;
    }
    float jump = schedule.sigma(schedule.steps()) - schedule.sigma(done);
    return new PictureEstimate(model, passes.getFirst(), jump, previewing);
  }

  VaeActivations decoding() {
    return decoding;
  }
}
