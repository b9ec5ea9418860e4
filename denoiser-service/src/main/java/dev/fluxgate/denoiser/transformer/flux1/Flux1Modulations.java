package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Memory of N modulations, one row each: of all steps of a job, for each of its prompts, whose
 * pooled embeds differ. The times of a schedule are known before its first step, so the large
 * modulation matrices of all blocks are read once a job, not once a step.
 */
public final class Flux1Modulations {
  final Tensor timeSinusoid;
  final Tensor guidanceSinusoid;
  final Tensor pooled;
  final Tensor hidden;
  final Tensor embedding;
  final Tensor activated;
  final List<DoubleBlock> doubleBlocks;
  final List<Tensor> singleBlocks;
  final Tensor finalShift;
  final Tensor finalScale;
  private final int width;
  private final List<Flux1Modulation> rows;

  /** Lays out {@code count} rows of each tensor. */
  public Flux1Modulations(Workspace workspace, Flux1Params params, DType dtype, int count) {
    width = params.width();
    Shape sinusoids = Shape.of(count, Flux1Params.SINUSOID);
    Shape wide = Shape.of(count, width);
    Shape one = Shape.of(count, (long) Modulation.CHUNKS * width);
    Shape two = Shape.of(count, 2L * Modulation.CHUNKS * width);
    timeSinusoid = workspace.tensor(dtype, sinusoids);
    guidanceSinusoid = workspace.tensor(dtype, sinusoids);
    pooled = workspace.tensor(dtype, Shape.of(count, params.pooledWidth()));
    hidden = workspace.tensor(dtype, wide);
    embedding = workspace.tensor(dtype, wide);
    activated = workspace.tensor(dtype, wide);
    doubleBlocks =
        IntStream.range(0, params.doubleBlocks())
            .mapToObj(
                _ -> new DoubleBlock(workspace.tensor(dtype, two), workspace.tensor(dtype, two)))
            .toList();
    singleBlocks =
        IntStream.range(0, params.singleBlocks())
            .mapToObj(_ -> workspace.tensor(dtype, one))
            .toList();
    finalShift = workspace.tensor(dtype, wide);
    finalScale = workspace.tensor(dtype, wide);
    rows = IntStream.range(0, count).mapToObj(this::row).toList();
  }

  private Flux1Modulation row(int row) {
    return new Flux1Modulation(
        doubleBlocks.stream()
            .map(block ->
                new Flux1Modulation.DoubleBlock(
                    stream(block.image(), row), stream(block.text(), row)))
            .toList(),
        singleBlocks.stream().map(all -> Modulation.of(all.rows(row, 1), 0, width)).toList(),
        finalShift.rows(row, 1),
        finalScale.rows(row, 1));
  }

  private Flux1Modulation.Stream stream(Tensor all, int row) {
    return new Flux1Modulation.Stream(
        Modulation.of(all.rows(row, 1), 0, width), Modulation.of(all.rows(row, 1), 1, width));
  }

  /** Views of one row. */
  public Flux1Modulation at(int row) {
    return rows.get(row);
  }

  /** Number of rows. */
  public int count() {
    return rows.size();
  }

  /**
   * Modulations of a double block.
   *
   * @param image (N, 6·D)
   * @param text (N, 6·D)
   */
  record DoubleBlock(Tensor image, Tensor text) {}
}
