package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.AxialRope;
import dev.fluxgate.denoiser.transformer.BflTransformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import java.util.List;

/** One call of the transformer, the elements of its batch one after the other. */
final class TransformerOperation {
  private final CaseRun run;
  private final Flux2Params params;
  private final TensorSource source;
  private final DType dtype;

  private TransformerOperation(CaseRun run, Flux2Params params, TensorSource source) {
    this.run = run;
    this.params = params;
    this.source = source;
    this.dtype = run.golden().computeType();
  }

  /** From a component folder. */
  static void forward(CaseRun run) {
    Flux2Params params =
        Flux2Params.of(ConfigJson.read(run.golden().modelFolder().resolve("config.json")));
    try (Checkpoint checkpoint = Checkpoint.open(run.golden().modelFolder())) {
      angles(run, params);
      new TransformerOperation(run, params, checkpoint).forward();
    }
  }

  /** From a single file, whose shapes alone say what it is. */
  static void forwardSingleFile(CaseRun run) {
    try (Checkpoint file = Checkpoint.open(run.golden().folder().resolve("flux2.safetensors"))) {
      TensorSource source = BflTransformer.adapt(file);
      new TransformerOperation(run, Flux2Weights.params(source), source).forward();
    }
  }

  private void forward() {
    TransformerBatch batch = new TransformerBatch(run, params.outChannels());
    StageRecord stages = new StageRecord(run);
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, batch));
    try (WeightStore store = run.backend().weights(dtype);
        Workspace workspace = run.backend().workspace(bytes)) {
      Flux2Weights weights = Flux2Weights.load(params, source, store);
      Flux2Transformer transformer = new Flux2Transformer(run.backend(), params, weights, stages);
      Memory memory = layOut(workspace, batch);
      transformer.place(
          TransformerBatch.positions(run, "txt_ids"),
          TransformerBatch.positions(run, "img_ids"),
          memory.activations());
      transformer.modulate(batch.timesteps(), batch.guidance(), memory.steps());
      batch.forward(
          memory.rows(),
          (element, rows) ->
              transformer.forward(
                  rows.latents(),
                  rows.embeds(),
                  memory.steps().at(element),
                  memory.activations(),
                  rows.velocity()));
      stages.compare();
    }
  }

  static void angles(CaseRun run, Flux2Params params) {
    AxialRope rope = new AxialRope(params.ropeAxes(), params.ropeTheta());
    for (String kind : List.of("img", "txt")) {
      PositionIds ids = TransformerBatch.positions(run, kind + "_ids");
      run.putIntermediate("rope." + kind + ".cos", Numbers.eachTwice(rope.cos(ids)));
      run.putIntermediate("rope." + kind + ".sin", Numbers.eachTwice(rope.sin(ids)));
    }
  }

  private Memory layOut(Workspace workspace, TransformerBatch batch) {
    return new Memory(
        batch.layOut(workspace),
        new StepModulations(workspace, params, dtype, batch.elements()),
        new Flux2Activations(workspace, params, dtype, batch.textTokens(), batch.imageTokens()));
  }

  private record Memory(
      TransformerBatch.Rows rows, StepModulations steps, Flux2Activations activations) {}
}
