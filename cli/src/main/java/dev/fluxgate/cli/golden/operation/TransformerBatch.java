package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The batch of a case, which passes a transformer one element after the other. */
final class TransformerBatch {
  private final CaseRun run;
  private final DType dtype;
  private final int outChannels;
  private final HostTensor latents;
  private final HostTensor embeds;

  TransformerBatch(CaseRun run, int outChannels) {
    this.run = run;
    this.outChannels = outChannels;
    dtype = run.golden().computeType();
    latents = run.input("hidden_states").to(dtype);
    embeds = run.input("encoder_hidden_states").to(dtype);
  }

  /** What an element is read from and written to. */
  record Rows(Tensor latents, Tensor embeds, Tensor velocity) {}

  /** The transformer of a family, placed and modulated. */
  @FunctionalInterface
  interface Pass {
    /** Predicts the velocity of an element. */
    void forward(int element, Rows rows);
  }

  int elements() {
    return latents.shape().size(0);
  }

  int imageTokens() {
    return latents.shape().size(1);
  }

  int textTokens() {
    return embeds.shape().size(1);
  }

  float[] timesteps() {
    return run.input("timestep").toFloats();
  }

  float @Nullable [] guidance() {
    HostTensor guidance = run.optionalInput("guidance");
    return guidance == null ? null : guidance.toFloats();
  }

  /**
   * Where the tokens of {@code name} stand, which all elements share. Ours have four axes; FLUX.1
   * lacks the last, the place in the text.
   */
  static PositionIds positions(CaseRun run, String name) {
    HostTensor ids = run.input(name);
    int rank = ids.shape().rank();
    int axes = ids.shape().size(rank - 1);
    int tokens = ids.shape().size(rank - 2);
    int[] values = new int[PositionIds.AXES * tokens];
    for (int i = 0; i < axes * tokens; i++) {
      values[PositionIds.AXES * (i / axes) + i % axes] = (int) ids.getDouble(i);
    }
    return PositionIds.of(values);
  }

  Rows layOut(Workspace workspace) {
    return new Rows(
        workspace.tensor(dtype, Shape.of(imageTokens(), latents.shape().columns())),
        workspace.tensor(dtype, Shape.of(textTokens(), embeds.shape().columns())),
        workspace.tensor(dtype, Shape.of(imageTokens(), outChannels)));
  }

  /** Compares the velocities of all elements. */
  void forward(Rows rows, Pass pass) {
    List<HostTensor> velocities = new ArrayList<>();
    for (int element = 0; element < elements(); element++) {
      run.backend().upload(latents.slice(element, 1), rows.latents());
      run.backend().upload(embeds.slice(element, 1), rows.embeds());
      pass.forward(element, rows);
      velocities.add(run.backend().download(rows.velocity()));
    }
    Shape shape = Shape.of(elements(), imageTokens(), outChannels);
    run.put("sample", Numbers.stack(velocities, shape));
  }
}
