package dev.fluxgate.cli.bench;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Weights;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** One denoising step of a transformer: the forward over text and image tokens. */
final class StepBenchmark {
  private static final DType TYPE = DType.BF16;
  private static final float TIME = 0.5f;
  private static final float GUIDANCE = 4;

  private final Backend backend;
  private final Flux2Params params;
  private final LatentGrid grid;
  private final int textTokens;

  StepBenchmark(Backend backend, Flux2Params params, LatentGrid grid, int textTokens) {
    this.backend = backend;
    this.params = params;
    this.grid = grid;
    this.textTokens = textTokens;
  }

  /**
   * What was measured.
   *
   * @param seconds of one step
   * @param weightBytes on the device
   * @param activationBytes on the device
   * @param finite whether every value of the velocity is a number
   */
  record Result(double seconds, long weightBytes, long activationBytes, boolean finite) {}

  /** Memory of one forward. */
  private record Memory(
      Tensor latents,
      Tensor prompt,
      Tensor velocity,
      StepModulations modulations,
      Flux2Activations activations) {}

  private Memory layOut(Workspace workspace) {
    Shape tokens = Shape.of(grid.tokens(), params.inChannels());
    return new Memory(
        workspace.tensor(TYPE, tokens),
        workspace.tensor(TYPE, Shape.of(textTokens, params.promptWidth())),
        workspace.tensor(TYPE, Shape.of(grid.tokens(), params.outChannels())),
        new StepModulations(workspace, params, TYPE, 1),
        new Flux2Activations(workspace, params, TYPE, textTokens, grid.tokens()));
  }

  /** Loads weights from {@code store}, whatever it makes of the shapes, and measures. */
  Result run(WeightStore store, UnreadSource source, Stopwatch stopwatch) {
    Flux2Weights weights = Flux2Weights.load(params, source, store);
    Flux2Transformer transformer = new Flux2Transformer(backend, params, weights, StageProbe.NONE);
    long bytes = WorkspacePlan.bytes(this::layOut);
    try (Workspace workspace = backend.workspace(bytes)) {
      Memory memory = layOut(workspace);
      TorchGenerator noise = new TorchGenerator(0);
      backend.upload(noise.randn(memory.latents().shape(), TYPE), memory.latents());
      backend.upload(noise.randn(memory.prompt().shape(), TYPE), memory.prompt());
      PositionIds text = PositionIds.text(textTokens);
      transformer.place(text, PositionIds.image(grid, 0), memory.activations());
      transformer.modulate(
          new float[] {TIME},
          params.guidanceEmbeds() ? new float[] {GUIDANCE} : null,
          memory.modulations());
      double seconds =
          stopwatch.seconds(() ->
              transformer.forward(
                  memory.latents(),
                  memory.prompt(),
                  memory.modulations().at(0),
                  memory.activations(),
                  memory.velocity()));
      HostTensor velocity = backend.download(memory.velocity());
      return new Result(seconds, store.residentBytes(), bytes, isFinite(velocity));
    }
  }

  private static boolean isFinite(HostTensor values) {
    for (long i = 0; i < values.shape().count(); i++) {
      if (!Float.isFinite(values.get(i))) {
        return false;
      }
    }
    return true;
  }
}
