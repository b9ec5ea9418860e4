package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.Epilogue;
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

/**
 * The products of a transformer block: many rows, where arithmetic counts, and one, where bytes do.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // The harness calls open() first.
public class LinearBenchmark {
  /** The back end. */
  @Param public BackendKind backend;

  /** Type of weights and activations. */
  @Param({"F32", "BF16"})
  public DType type;

  /** The model. */
  @Param public ModelSize size;

  private BenchmarkScope scope;
  private Tensor tokens;
  private Tensor qkv;
  private Tensor row;
  private Tensor modulation;
  private Tensor gate;
  private Weight.Linear qkvWeight;
  private Weight.Linear outWeight;

  /** Makes the operands. */
  @Setup
  public void open() {
    scope = new BenchmarkScope(backend, type);
    int width = size.width;
    double scale = 1 / Math.sqrt(width);
    tokens = scope.activations(size.tokens, width);
    qkv = scope.activations(size.tokens, 3L * width);
    row = scope.activations(1, width);
    modulation = scope.activations(1, 3L * width);
    gate = scope.activations(1, width);
    qkvWeight = scope.weights().linear(scope.stored(scale, 3L * width, width), null);
    outWeight = scope.weights().linear(scope.stored(scale, width, width), null);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    scope.close();
  }

  /** (tokens, D)·(3D, D)ᵀ: queries, keys and values in one product. */
  @Benchmark
  public void project(Flops flops) {
    scope.backend().linear(tokens, qkvWeight, Epilogue.NONE, qkv);
    flops.add(2.0 * size.tokens * size.width * 3 * size.width);
  }

  /** (tokens, D)·(D, D)ᵀ, gated and added to a residual in place. */
  @Benchmark
  public void projectGated(Flops flops) {
    Tensor residual = qkv.columns(0, size.width);
    scope.backend().linear(tokens, outWeight, new Epilogue.GatedAdd(gate, residual), residual);
    flops.add(2.0 * size.tokens * size.width * size.width);
  }

  /** (1, D)·(3D, D)ᵀ: a modulation, which reads every weight once. */
  @Benchmark
  public void modulate(Traffic traffic) {
    scope.backend().linear(row, qkvWeight, Epilogue.NONE, modulation);
    traffic.add(type.bytes(3L * size.width * size.width));
  }
}
