package dev.fluxgate.cli.inspect;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;

/** What a worker needs for one picture of a prompt, counted from shapes; no weight is read. */
final class MemoryNeed {
  /** Tokens of a prompt where neither request nor tokenizer says. */
  private static final int TEXT_TOKENS = 512;

  private MemoryNeed() {}

  /**
   * Bytes of activations, exactly.
   *
   * @param width pixels
   * @param height pixels
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if a weight is missing, or has
   *     another shape than the configuration says
   * @throws IllegalArgumentException for a size that the model cannot make
   */
  static long activationBytes(ModelFolder folder, DType dtype, int width, int height) {
    try (DenoiserModel model =
        DenoiserModel.load(folder, UnreadWeights.backend(), dtype, StageProbe.NONE)) {
      ModelFamily.Defaults defaults = folder.defaults();
      DenoiseRequest request =
          DenoiseRequest.of(
              width, height, defaults.numInferenceSteps(), defaults.guidanceScale(), 0);
      Shape text = Shape.of(1, TEXT_TOKENS, model.promptWidth());
      Pipeline pipeline =
          PipelineChoice.open(model, PipelineKind.of(folder.family()).getFirst(), Long.MAX_VALUE);
      Shape negative = pipeline.steersAway(request) ? text : null;
      return pipeline.plannedBytes(request, new PromptShapes(text, negative));
    }
  }
}
