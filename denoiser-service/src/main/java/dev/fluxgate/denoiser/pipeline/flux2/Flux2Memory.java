package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.model.Flux2Model;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.pipeline.block.JobSize;
import dev.fluxgate.denoiser.pipeline.block.KeptPicture;
import dev.fluxgate.denoiser.pipeline.block.MemoryPlan;
import dev.fluxgate.denoiser.pipeline.block.PromptCounts;
import dev.fluxgate.denoiser.pipeline.block.PromptRows;
import dev.fluxgate.denoiser.preview.LatentPreview;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.ReferenceKeys;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.denoiser.vae.tile.TileActivations;
import dev.fluxgate.denoiser.vae.tile.Tiling;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one FLUX.2 job, and every view that its steps take. Encoding, the keys of references,
 * the steps and decoding lie in the same place, one after the other.
 */
final class Flux2Memory {
  private final Workspace workspace;
  private final Flux2Model model;
  private final JobSize size;
  private final Flux2Params params;
  private final Tiling tiling;
  private final Tensor latents;
  private final Tensor references;
  private final StepModulations modulations;
  private final List<Flux2Pass> passes;
  private final @Nullable KeptReferences kept;
  private final @Nullable KeptPicture keptPicture;
  private final Map<LatentGrid, TileActivations> encoding = new LinkedHashMap<>();
  private final TileActivations decoding;
  private final LatentPreview.@Nullable Memory previewing;

  /**
   * What keeping references takes.
   *
   * @param keys of all blocks
   * @param modulations of time 0
   * @param activations of the one pass over the references
   */
  record KeptReferences(
      ReferenceKeys keys, StepModulations modulations, Flux2Activations activations) {}

  /**
   * Lays out a job.
   *
   * @param tiling of the VAE
   */
  Flux2Memory(Workspace workspace, Flux2Model model, Flux2Task task, Tiling tiling) {
    this.workspace = workspace;
    this.model = model;
    size = task.size();
    this.tiling = tiling;
    params = model.transformer().params();
    PromptCounts counts = size.prompts();
    latents = rows(size.images() * size.grid().tokens(), params.inChannels());
    references = rows(size.referenceTokens(), params.inChannels());
    modulations = new StepModulations(workspace, params, model.dtype(), size.steps());
    PromptRows positive = PromptRows.layOut(workspace, model, counts.count(), counts.tokens());
    PromptRows negative =
        PromptRows.layOut(workspace, model, counts.negativeCount(), counts.negativeTokens());
    Tensor velocity = rows(latents.rows(), params.outChannels());
    Tensor negativeVelocity = rows(counts.steersAway() ? latents.rows() : 0, params.outChannels());
    // Beside the transformer's, which keep the positions of the tokens from step to step.
    previewing = size.previews() ? model.preview().layOut(workspace, size.grid()) : null;
    ReferenceKeys keys = task.kind() == PipelineKind.FLUX2_KLEIN_KV ? keys() : null;
    StepModulations atRest = new StepModulations(workspace, params, model.dtype(), 1);
    keptPicture =
        task.kind() == PipelineKind.FLUX2_KLEIN_INPAINT
            ? new KeptPicture(workspace, model, size, size.grid().tokens())
            : null;

    long mark = workspace.mark();
    Flux2Activations activations = activations(counts.tokens(), keys);
    Flux2Pass first = pass(positive, activations, velocity);
    passes =
        counts.steersAway()
            ? List.of(first, negativePass(negative, activations, keys, negativeVelocity))
            : List.of(first);
    workspace.release(mark);
    kept = keys == null ? null : new KeptReferences(keys, atRest, alone(keys));
    workspace.release(mark);
    for (LatentGrid grid : size.references()) {
      encoding.computeIfAbsent(grid, each -> model.codec().layOutEncoding(workspace, each, tiling));
      workspace.release(mark);
    }
    decoding = model.codec().layOutDecoding(workspace, size.grid(), tiling);
  }

  /** What a job will take. */
  static MemoryPlan plan(Flux2Model model, Flux2Task task, DenoiseRequest request, long limit) {
    return MemoryPlan.of(
        model.codec(),
        request,
        limit,
        (place, tiling) -> new Flux2Memory(place, model, task, tiling));
  }

  private Tensor rows(int rows, int columns) {
    return workspace.tensor(model.dtype(), Shape.of(rows, columns));
  }

  private @Nullable ReferenceKeys keys() {
    return size.references().isEmpty()
        ? null
        : new ReferenceKeys(workspace, params, model.dtype(), size.referenceTokens());
  }

  private Flux2Activations activations(int textTokens, @Nullable ReferenceKeys keys) {
    int imageTokens = size.grid().tokens() + (keys == null ? size.referenceTokens() : 0);
    return new Flux2Activations(workspace, params, model.dtype(), textTokens, imageTokens, keys);
  }

  /** References without text and picture. */
  private Flux2Activations alone(ReferenceKeys keys) {
    return new Flux2Activations(workspace, params, model.dtype(), 0, keys.tokens());
  }

  /** Prompts of one length have the same positions, so both passes can share the activations. */
  private Flux2Pass negativePass(
      PromptRows prompts,
      Flux2Activations positive,
      @Nullable ReferenceKeys keys,
      Tensor velocity) {
    PromptCounts counts = size.prompts();
    boolean alike = counts.negativeTokens() == counts.tokens();
    return pass(prompts, alike ? positive : activations(counts.negativeTokens(), keys), velocity);
  }

  private Flux2Pass pass(PromptRows prompts, Flux2Activations activations, Tensor velocity) {
    int tokens = size.grid().tokens();
    List<Flux2Pass.Sequence> sequences =
        IntStream.range(0, size.images())
            .mapToObj(image ->
                new Flux2Pass.Sequence(
                    latents.rows(image * tokens, tokens),
                    prompts.of(image / size.prompts().imagesPerPrompt()),
                    velocity.rows(image * tokens, tokens)))
            .toList();
    Tensor passedAlong = activations.keepsReferences() ? references.rows(0, 0) : references;
    return new Flux2Pass(
        model.transformer(), prompts, sequences, passedAlong, modulations, activations, velocity);
  }

  /** (N·S, C), updated by every step. */
  Tensor latents() {
    return latents;
  }

  /** (R, C), latents of all references, one behind the other. */
  Tensor references() {
    return references;
  }

  StepModulations modulations() {
    return modulations;
  }

  /** The passes of a step, in order: positive, then negative if there is one. */
  List<Flux2Pass> passes() {
    return passes;
  }

  /** What keeping references takes; null if there are none or they pass through every step. */
  @Nullable KeptReferences kept() {
    return kept;
  }

  /** What keeps part of a picture, which must have been planned. */
  KeptPicture keptPicture() {
    if (keptPicture == null) {
      throw new IllegalStateException("memory: not planned (expected: a masked picture)");
    }
    return keptPicture;
  }

  /** Of a picture of {@code grid}, which must have been planned. */
  TileActivations encoding(LatentGrid grid) {
    TileActivations planned = encoding.get(grid);
    if (planned == null) {
      throw new IllegalStateException("encoding: " + grid + " (expected: a planned grid)");
    }
    return planned;
  }

  /** Of the VAE. */
  Tiling tiling() {
    return tiling;
  }

  TileActivations decoding() {
    return decoding;
  }

  LatentPreview.@Nullable Memory previewing() {
    return previewing;
  }
}
