package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.ConvolutionGeometry;
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

/** The convolutions of a VAE level. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // The harness calls open() first.
public class ConvolutionBenchmark {
  /** The back end. */
  @Param public BackendKind backend;

  /** Type of weights and activations. */
  @Param({"F32", "BF16"})
  public DType type;

  /** The model. */
  @Param public ModelSize size;

  private BenchmarkScope scope;
  private Tensor picture;
  private Tensor out;
  private Weight.Convolution wide;
  private Weight.Convolution pointwise;

  /** Makes the operands. */
  @Setup
  public void open() {
    scope = new BenchmarkScope(backend, type);
    int channels = size.channels;
    double scale = 1 / Math.sqrt(9.0 * channels);
    picture = scope.activations(1, size.pixels, size.pixels, channels);
    out = scope.activations(1, size.pixels, size.pixels, channels);
    wide =
        scope
            .weights()
            .convolution(scope.stored(scale, channels, channels, 3, 3), scope.stored(1, channels));
    pointwise = scope.weights().convolution(scope.stored(scale, channels, channels, 1, 1), null);
  }

  /** Frees them. */
  @TearDown
  public void close() {
    scope.close();
  }

  /** 3 × 3 with a border, added to a residual in place: the second of a residual block. */
  @Benchmark
  public void threeByThree(Flops flops) {
    ConvolutionGeometry geometry = new ConvolutionGeometry(1, 1, 1);
    scope.backend().convolve(picture, wide, geometry, new Epilogue.Add(out), out);
    flops.add(9 * work());
  }

  /** 1 × 1: the shortcut where channels change. */
  @Benchmark
  public void oneByOne(Flops flops) {
    ConvolutionGeometry geometry = new ConvolutionGeometry(1, 0, 0);
    scope.backend().convolve(picture, pointwise, geometry, Epilogue.NONE, out);
    flops.add(work());
  }

  private double work() {
    return 2.0 * size.pixels * size.pixels * size.channels * size.channels;
  }
}
