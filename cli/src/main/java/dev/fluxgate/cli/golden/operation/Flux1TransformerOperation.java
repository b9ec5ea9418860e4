package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Activations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Modulations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Params;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Transformer;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Weights;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;

/** One call of FLUX.1's transformer, the elements of its batch one after the other. */
final class Flux1TransformerOperation {
  private final CaseRun run;
  private final Flux1Params params;
  private final DType dtype;

  private Flux1TransformerOperation(CaseRun run) {
    this.run = run;
    this.params =
        Flux1Params.of(ConfigJson.read(run.golden().modelFolder().resolve("config.json")));
    this.dtype = run.golden().computeType();
  }

  /** From a component folder. */
  static void forward(CaseRun run) {
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      new Flux1TransformerOperation(run).forward(checkpoint);
    }
  }

  private void forward(TensorSource source) {
    TransformerBatch batch = new TransformerBatch(run, params.outChannels());
    StageRecord stages = new StageRecord(run);
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, batch));
    try (WeightStore store = run.backend().weights(dtype);
        Workspace workspace = run.backend().workspace(bytes)) {
      Flux1Weights weights = Flux1Weights.load(params, source, store);
      Flux1Transformer transformer = new Flux1Transformer(run.backend(), params, weights, stages);
      Memory memory = layOut(workspace, batch);
      place(transformer, memory.activations());
      transformer.modulate(
          batch.timesteps(),
          batch.guidance(),
          run.input("pooled_projections").to(dtype),
          memory.modulations());
      batch.forward(
          memory.rows(),
          (element, rows) ->
              transformer.forward(
                  rows.latents(),
                  rows.embeds(),
                  memory.modulations().at(element),
                  memory.activations(),
                  rows.velocity()));
      stages.compare();
    }
  }

  private void place(Flux1Transformer transformer, Flux1Activations activations) {
    PositionIds text = TransformerBatch.positions(run, "txt_ids");
    PositionIds image = TransformerBatch.positions(run, "img_ids");
    transformer.place(text, image, activations);
    PositionIds all = text.then(image);
    run.putIntermediate("rope.cos", Numbers.eachTwice(transformer.rope().cos(all)));
    run.putIntermediate("rope.sin", Numbers.eachTwice(transformer.rope().sin(all)));
  }

  private Memory layOut(Workspace workspace, TransformerBatch batch) {
    return new Memory(
        batch.layOut(workspace),
        new Flux1Modulations(workspace, params, dtype, batch.elements()),
        new Flux1Activations(workspace, params, dtype, batch.textTokens(), batch.imageTokens()));
  }

  private record Memory(
      TransformerBatch.Rows rows, Flux1Modulations modulations, Flux1Activations activations) {}
}
