package dev.fluxgate.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every benchmark runs, once, so that none rots between two measurements. */
final class BenchmarksTest {
  private final Flops flops = new Flops();
  private final Traffic traffic = new Traffic();

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void runsTheProducts(BackendKind backend) {
    LinearBenchmark benchmark = new LinearBenchmark();
    benchmark.backend = backend;
    benchmark.type = DType.BF16;
    benchmark.size = ModelSize.TOY;
    benchmark.open();
    benchmark.project(flops);
    assertThat(flops.gflop).isEqualTo(128 * 256 * 768 * 2 * 1e-9);
    benchmark.projectGated(flops);
    benchmark.modulate(traffic);
    assertThat(traffic.gigabytes).isEqualTo(256 * 768 * 2 * 1e-9);
    benchmark.close();
  }

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void runsAttention(BackendKind backend) {
    AttentionBenchmark benchmark = new AttentionBenchmark();
    benchmark.backend = backend;
    benchmark.type = DType.F32;
    benchmark.size = ModelSize.TOY;
    benchmark.open();
    benchmark.full(flops);
    assertThat(flops.gflop).isEqualTo(128 * 128 * 256 * 4 * 1e-9);
    benchmark.causal(flops);
    benchmark.close();
  }

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void runsConvolutions(BackendKind backend) {
    ConvolutionBenchmark benchmark = new ConvolutionBenchmark();
    benchmark.backend = backend;
    benchmark.type = DType.BF16;
    benchmark.size = ModelSize.TOY;
    benchmark.open();
    benchmark.oneByOne(flops);
    assertThat(flops.gflop).isEqualTo(32 * 32 * 64 * 64 * 2 * 1e-9);
    benchmark.threeByThree(flops);
    benchmark.close();
  }

  @ParameterizedTest
  @EnumSource(BackendKind.class)
  void runsNorms(BackendKind backend) {
    NormBenchmark benchmark = new NormBenchmark();
    benchmark.backend = backend;
    benchmark.type = DType.F32;
    benchmark.size = ModelSize.TOY;
    benchmark.open();
    benchmark.rms(traffic);
    assertThat(traffic.gigabytes).isEqualTo(2 * 4 * 128 * 256 * 1e-9);
    benchmark.modulatedLayer(traffic);
    benchmark.rotate(traffic);
    benchmark.group(traffic);
    benchmark.close();
  }
}
