package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Ops that memory bounds: norms and rotations. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // The harness calls open() first.
public class NormBenchmark {
  /** The back end. */
  @Param public BackendKind backend;

  /** Type of weights and activations. */
  @Param({"F32", "BF16"})
  public DType type;

  /** The model. */
  @Param public ModelSize size;

  private BenchmarkScope scope;
  private Tensor tokens;
  private Tensor out;
  private Tensor shift;
  private Tensor scale;
  private Tensor picture;
  private Tensor normed;
  private Weight.Vector rowWeight;
  private HeadNorm headNorm;
  private RotaryTable table;
  private GroupNorm groupNorm;

  /** Makes the operands. */
  @Setup
  public void open() {
    scope = new BenchmarkScope(backend, type);
    int pairs = size.headDim() / 2;
    tokens = scope.activations(size.tokens, size.width);
    out = scope.activations(size.tokens, size.width);
    shift = scope.activations(1, size.width);
    scale = scope.activations(1, size.width);
    picture = scope.activations(1, size.pixels, size.pixels, size.channels);
    normed = scope.activations(1, size.pixels, size.pixels, size.channels);
    rowWeight = vector(size.width);
    headNorm = new HeadNorm(vector(size.headDim()), 1e-6f, HeadNorm.Order.WEIGH_THEN_ROUND);
    Tensor cos = scope.angles(size.tokens, pairs);
    Tensor sin = scope.angles(size.tokens, pairs);
    table = new RotaryTable(cos, sin, RotaryTable.Pairing.ADJACENT);
    groupNorm = new GroupNorm(vector(size.channels), vector(size.channels), 32, 1e-6f);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    scope.close();
  }

  /** Once or twice in every layer of the text encoder. */
  @Benchmark
  public void rms(Traffic traffic) {
    scope.backend().rmsNorm(tokens, rowWeight, 1e-6f, out);
    count(traffic, tokens);
  }

  /** In front of every block of the denoiser. */
  @Benchmark
  public void modulatedLayer(Traffic traffic) {
    scope.backend().modulatedLayerNorm(tokens, shift, scale, 1e-6f, out);
    count(traffic, tokens);
  }

  /** Queries and keys, with the norm of each head. */
  @Benchmark
  public void rotate(Traffic traffic) {
    scope.backend().rotate(tokens, size.heads, headNorm, table, out);
    count(traffic, tokens);
  }

  /** In the VAE, with its SiLU. */
  @Benchmark
  public void group(Traffic traffic) {
    scope.backend().groupNorm(picture, groupNorm, Epilogue.SILU, normed);
    count(traffic, picture);
  }

  private Weight.Vector vector(int length) {
    return scope.weights().vector(scope.stored(1, length));
  }

  private void count(Traffic traffic, Tensor x) {
    traffic.add(2 * type.bytes(x.shape().count()));
  }
}
