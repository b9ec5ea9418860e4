package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
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

/** Attention over the joint sequence, queries, keys and values being columns of one tensor. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // The harness calls open() first.
public class AttentionBenchmark {
  /** The back end. */
  @Param public BackendKind backend;

  /** Type of weights and activations. */
  @Param({"F32", "BF16"})
  public DType type;

  /** The model. */
  @Param public ModelSize size;

  private BenchmarkScope scope;
  private Tensor qkv;
  private Tensor out;
  private AttentionGeometry geometry;
  private AttentionMask causal;

  /** Makes the operands. */
  @Setup
  public void open() {
    scope = new BenchmarkScope(backend, type);
    qkv = scope.activations(size.tokens, 3L * size.width);
    out = scope.activations(size.tokens, size.width);
    geometry = AttentionGeometry.self(size.tokens, size.heads, size.headDim());
    causal = new AttentionMask.Causal(List.of(new AttentionMask.KeyRange(0, size.tokens)));
  }

  /** Frees them. */
  @TearDown
  public void close() {
    scope.close();
  }

  /** As in the denoiser. */
  @Benchmark
  public void full(Flops flops) {
    attend(AttentionMask.FULL);
    flops.add(4.0 * size.tokens * size.tokens * size.width);
  }

  /** As in the text encoder; only the visible half is counted. */
  @Benchmark
  public void causal(Flops flops) {
    attend(causal);
    flops.add(2.0 * size.tokens * (size.tokens + 1) * size.width);
  }

  private void attend(AttentionMask mask) {
    int width = size.width;
    Tensor q = qkv.columns(0, width);
    Tensor k = qkv.columns(width, width);
    Tensor v = qkv.columns(2 * width, width);
    scope.backend().attention(q, k, v, geometry, mask, out);
  }
}
