package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Memory of the modulations of all N steps of a job, one row a step. The times of a schedule are
 * known before its first step, so the large modulation matrices are read once a job, not once a
 * step.
 */
public final class StepModulations {
  final Tensor timeSinusoid;
  final Tensor guidanceSinusoid;
  final Tensor hidden;
  final Tensor embedding;
  final Tensor activated;
  final Tensor image;
  final Tensor text;
  final Tensor single;
  final Tensor finalShift;
  final Tensor finalScale;
  private final List<StepModulation> steps;

  /** Lays out {@code count} rows of each tensor. */
  public StepModulations(Workspace workspace, Flux2Params params, DType dtype, int count) {
    int width = params.width();
    timeSinusoid = workspace.tensor(dtype, Shape.of(count, params.timestepChannels()));
    guidanceSinusoid = workspace.tensor(dtype, Shape.of(count, params.timestepChannels()));
    hidden = workspace.tensor(dtype, Shape.of(count, width));
    embedding = workspace.tensor(dtype, Shape.of(count, width));
    activated = workspace.tensor(dtype, Shape.of(count, width));
    image = workspace.tensor(dtype, Shape.of(count, 2L * Modulation.CHUNKS * width));
    text = workspace.tensor(dtype, Shape.of(count, 2L * Modulation.CHUNKS * width));
    single = workspace.tensor(dtype, Shape.of(count, (long) Modulation.CHUNKS * width));
    finalShift = workspace.tensor(dtype, Shape.of(count, width));
    finalScale = workspace.tensor(dtype, Shape.of(count, width));
    steps = IntStream.range(0, count).mapToObj(step -> step(step, width)).toList();
  }

  private StepModulation step(int step, int width) {
    return new StepModulation(
        Modulation.of(image.rows(step, 1), 0, width),
        Modulation.of(image.rows(step, 1), 1, width),
        Modulation.of(text.rows(step, 1), 0, width),
        Modulation.of(text.rows(step, 1), 1, width),
        Modulation.of(single.rows(step, 1), 0, width),
        finalShift.rows(step, 1),
        finalScale.rows(step, 1));
  }

  /** Views of the modulations of one step. */
  public StepModulation at(int step) {
    return steps.get(step);
  }

  /** Number of steps. */
  public int count() {
    return steps.size();
  }
}
