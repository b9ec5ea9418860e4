package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.model.Flux1Model;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.pipeline.block.KeptPicture;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.pipeline.block.PromptCounts;
import dev.fluxgate.denoiser.pipeline.block.PromptRows;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Activations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Modulations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Params;
import dev.fluxgate.denoiser.vae.tile.TileActivations;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one FLUX.1 job, and every view that its steps take. Encoding, the steps and decoding
 * lie in the same place, one after the other.
 */
final class Flux1Memory {
  private final Workspace workspace;
  private final Flux1Model model;
  private final JobSize size;
  private final Flux1Params params;
  private final Tensor latents;
  private final List<Flux1Pass> passes;
  private final @Nullable KeptPicture kept;
  private final @Nullable TileActivations encoding;
  private final TileActivations decoding;
  private final LatentPreview.@Nullable Memory previewing;

  /**
   * Lays out a job.
   *
   * @param tiling of the VAE
   */
  Flux1Memory(Workspace workspace, Flux1Model model, Flux1Task task, Tiling tiling) {
    this.workspace = workspace;
    this.model = model;
    size = task.size();
    params = model.transformer().params();
    PromptCounts counts = size.prompts();
    latents = rows(size.images() * size.grid().tokens(), params.inChannels());
    PassMemory positive = passMemory(counts.count(), counts.tokens());
    PassMemory negative = passMemory(counts.negativeCount(), counts.negativeTokens());
    // Beside the transformer's, which keep the positions of the tokens from step to step.
    previewing = size.previews() ? model.preview().layOut(workspace, size.grid()) : null;
    kept =
        task.kind() == PipelineKind.FLUX_INPAINT
            ? new KeptPicture(workspace, model, size, size.grid().tokens() * latents.columns())
            : null;

    long mark = workspace.mark();
    Flux1Activations activations = activations(counts.tokens());
    Flux1Pass first = pass(positive, activations);
    passes =
        counts.steersAway() ? List.of(first, negativePass(negative, activations)) : List.of(first);
    workspace.release(mark);
    encoding =
        task.kind() == PipelineKind.FLUX
            ? null
            : model.codec().layOutEncoding(workspace, size.grid(), tiling);
    workspace.release(mark);
    decoding = model.codec().layOutDecoding(workspace, size.grid(), tiling);
  }

  /** What a job will take. */
  static MemoryPlan plan(Flux1Model model, Flux1Task task, DenoiseRequest request, long limit) {
    return MemoryPlan.of(
        model.codec(),
        request,
        limit,
        (place, tiling) -> new Flux1Memory(place, model, task, tiling));
  }

  private Tensor rows(int rows, int columns) {
    return workspace.tensor(model.dtype(), Shape.of(rows, columns));
  }

  private PassMemory passMemory(int prompts, int tokens) {
    return new PassMemory(
        PromptRows.layOut(workspace, model, prompts, tokens),
        new Flux1Modulations(workspace, params, model.dtype(), prompts * size.steps()),
        rows(prompts == 0 ? 0 : latents.rows(), params.outChannels()));
  }

  private Flux1Activations activations(int textTokens) {
    return new Flux1Activations(workspace, params, model.dtype(), textTokens, size.grid().tokens());
  }

  /** Prompts of one length have the same positions, so both passes can share the activations. */
  private Flux1Pass negativePass(PassMemory memory, Flux1Activations positive) {
    PromptCounts counts = size.prompts();
    boolean alike = counts.negativeTokens() == counts.tokens();
    return pass(memory, alike ? positive : activations(counts.negativeTokens()));
  }

  private Flux1Pass pass(PassMemory memory, Flux1Activations activations) {
    int tokens = size.grid().tokens();
    List<Flux1Pass.Sequence> sequences =
        IntStream.range(0, size.images())
            .mapToObj(image -> {
              int prompt = image / size.prompts().imagesPerPrompt();
              return new Flux1Pass.Sequence(
                  latents.rows(image * tokens, tokens),
                  memory.prompts().of(prompt),
                  memory.prompts().count() == 1 ? 0 : prompt * size.steps(),
                  memory.velocity().rows(image * tokens, tokens));
            })
            .toList();
    return new Flux1Pass(
        model.transformer(),
        memory.prompts(),
        sequences,
        memory.modulations(),
        activations,
        memory.velocity());
  }

  /** (N·S, C), updated by every step. */
  Tensor latents() {
    return latents;
  }

  /** The passes of a step, in order: positive, then negative if there is one. */
  List<Flux1Pass> passes() {
    return passes;
  }

  /** What keeps part of a picture, which must have been planned. */
  KeptPicture kept() {
    return planned(kept);
  }

  /** Of the picture that goes in, which must have been planned. */
  TileActivations encoding() {
    return planned(encoding);
  }

  TileActivations decoding() {
    return decoding;
  }

  LatentPreview.@Nullable Memory previewing() {
    return previewing;
  }

  private static <T> T planned(@Nullable T memory) {
    if (memory == null) {
      throw new IllegalStateException("memory: not planned (expected: a start from a picture)");
    }
    return memory;
  }

  /**
   * What a pass keeps from step to step.
   *
   * @param prompts embeds of its prompts
   * @param modulations of all steps for each of them
   * @param velocity (N·S, C)
   */
  private record PassMemory(PromptRows prompts, Flux1Modulations modulations, Tensor velocity) {}
}
