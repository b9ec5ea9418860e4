package dev.fluxgate.cli.bench;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/** The ops that a step consists of, each by itself, on activations of a step's size. */
final class OpBenchmark {
  private static final DType TYPE = DType.BF16;
  private static final float EPS = 1e-6f;
  private static final int NOISE_ROWS = 64;

  private final Backend backend;
  private final WeightStore weights;
  private final Stopwatch stopwatch;

  OpBenchmark(Backend backend, WeightStore weights, Stopwatch stopwatch) {
    this.backend = backend;
    this.weights = weights;
    this.stopwatch = stopwatch;
  }

  /**
   * One op.
   *
   * @param name for people
   * @param seconds one call
   * @param flops floating-point operations; 0 where memory is the bound
   * @param bytes moved at least, to and from memory
   */
  record Result(String name, double seconds, double flops, double bytes) {}

  /** x·Wᵀ, (rows, in) to (rows, out). */
  Result linear(int rows, int in, int out, UnreadSource source) {
    try (Workspace workspace = backend.workspace(bytes(rows, in) + bytes(rows, out))) {
      Tensor x = random(workspace, rows, in);
      Tensor y = workspace.tensor(TYPE, Shape.of(rows, out));
      var weight = weights.linear(source.tensor("weight", out, in), null);
      double seconds = stopwatch.seconds(() -> backend.linear(x, weight, Epilogue.NONE, y));
      return new Result(
          "linear %d x %d to %d".formatted(rows, in, out),
          seconds,
          2.0 * rows * in * out,
          TYPE.bytes((long) rows * in + (long) rows * out + (long) in * out));
    }
  }

  /** Self-attention. */
  Result attention(int tokens, int heads, int headDim) {
    int width = heads * headDim;
    try (Workspace workspace = backend.workspace(4 * bytes(tokens, width))) {
      Tensor q = random(workspace, tokens, width);
      Tensor k = random(workspace, tokens, width);
      Tensor v = random(workspace, tokens, width);
      Tensor out = workspace.tensor(TYPE, Shape.of(tokens, width));
      AttentionGeometry geometry = AttentionGeometry.self(tokens, heads, headDim);
      double seconds =
          stopwatch.seconds(() -> backend.attention(q, k, v, geometry, AttentionMask.FULL, out));
      return new Result(
          "attention %d tokens, %d heads of %d".formatted(tokens, heads, headDim),
          seconds,
          4.0 * tokens * tokens * width,
          4 * TYPE.bytes((long) tokens * width));
    }
  }

  /** Modulation and norm of all tokens. */
  Result norm(int tokens, int width) {
    try (Workspace workspace = backend.workspace(2 * bytes(tokens, width) + 2 * bytes(1, width))) {
      Tensor x = random(workspace, tokens, width);
      Tensor shift = random(workspace, 1, width);
      Tensor scale = random(workspace, 1, width);
      Tensor out = workspace.tensor(TYPE, Shape.of(tokens, width));
      double seconds =
          stopwatch.seconds(() -> backend.modulatedLayerNorm(x, shift, scale, EPS, out));
      return new Result(
          "modulated layer norm %d x %d".formatted(tokens, width),
          seconds,
          0,
          2 * TYPE.bytes((long) tokens * width));
    }
  }

  /** A copy: what memory can do. */
  Result copy(int tokens, int width) {
    try (Workspace workspace = backend.workspace(2 * bytes(tokens, width))) {
      Tensor x = random(workspace, tokens, width);
      Tensor out = workspace.tensor(TYPE, Shape.of(tokens, width));
      double seconds = stopwatch.seconds(() -> backend.copy(x, out));
      return new Result(
          "copy %d x %d".formatted(tokens, width),
          seconds,
          0,
          2 * TYPE.bytes((long) tokens * width));
    }
  }

  private static long bytes(int rows, int columns) {
    return TYPE.bytes((long) rows * columns) + Workspace.ALIGNMENT;
  }

  /** Random values: zeros cost a GPU less power, and so less time. Some rows, again and again. */
  private Tensor random(Workspace workspace, int rows, int columns) {
    Tensor tensor = workspace.tensor(TYPE, Shape.of(rows, columns));
    HostTensor noise =
        new TorchGenerator(0).randn(Shape.of(Math.min(rows, NOISE_ROWS), columns), TYPE);
    for (int row = 0; row < rows; row += NOISE_ROWS) {
      int count = Math.min(NOISE_ROWS, rows - row);
      backend.upload(noise.slice(0, count), tensor.rows(row, count));
    }
    return tensor;
  }
}
