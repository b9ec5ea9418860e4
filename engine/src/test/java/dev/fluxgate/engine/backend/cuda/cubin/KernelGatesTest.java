package dev.fluxgate.engine.backend.cuda.cubin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every kernel may take on every architecture, and the instructions it must consist of. The
 * images are read as shipped: no tool of CUDA, no GPU.
 */
class KernelGatesTest {
  /** Products on tensor cores, fed from shared memory by whole matrices. */
  private static final List<Opcode> TENSOR_CORES = List.of(Opcode.HMMA, Opcode.LDSM, Opcode.BAR);

  /** The same, with operands that arrive while others are multiplied. */
  private static final List<Opcode> PIPELINED =
      List.of(Opcode.HMMA, Opcode.LDSM, Opcode.BAR, Opcode.LDGSTS, Opcode.DEPBAR);

  private static final List<Opcode> REDUCTION = List.of(Opcode.SHFL);

  private static final Map<CudaKernel, List<Opcode>> EXPECTED =
      Map.ofEntries(
          Map.entry(CudaKernel.LINEAR_BF16_128, PIPELINED),
          Map.entry(CudaKernel.LINEAR_BF16_64, PIPELINED),
          Map.entry(CudaKernel.LINEAR_BF16_ANY, TENSOR_CORES),
          Map.entry(CudaKernel.CONVOLVE_BF16_128, PIPELINED),
          Map.entry(CudaKernel.CONVOLVE_BF16_64, PIPELINED),
          Map.entry(CudaKernel.CONVOLVE_BF16_ANY, TENSOR_CORES),
          Map.entry(CudaKernel.ATTENTION_BF16_64, PIPELINED),
          Map.entry(CudaKernel.ATTENTION_BF16_128, PIPELINED),
          Map.entry(CudaKernel.RMS_NORM, REDUCTION),
          Map.entry(CudaKernel.MODULATED_LAYER_NORM, REDUCTION),
          Map.entry(CudaKernel.ROTATE, REDUCTION),
          Map.entry(CudaKernel.GROUP_NORM_STATISTICS, REDUCTION));

  static Stream<Arguments> kernelsOfArchitectures() {
    return Arrays.stream(CudaKernel.values())
        .flatMap(kernel ->
            Arrays.stream(Architecture.values())
                .map(architecture -> Arguments.of(kernel, architecture)));
  }

  @ParameterizedTest
  @MethodSource("kernelsOfArchitectures")
  void takesWhatItMay(CudaKernel kernel, Architecture architecture) {
    KernelResources resources = resources(kernel, architecture);
    assertThat(resources.registers()).as("registers").isLessThanOrEqualTo(255);
    assertThat(resources.maxThreads()).as("threads").isEqualTo(kernel.threads());
    assertThat(resources.sharedBytes() + kernel.sharedBytes())
        .as("shared memory")
        .isLessThanOrEqualTo(architecture.blockSharedBytes());
    assertThat(
            Occupancy.of(architecture, resources, kernel.threads(), kernel.sharedBytes()).blocks())
        .as("resident blocks")
        .isPositive();
    if (!kernel.isTwin()) {
      assertThat(resources.stackBytes()).as("stack").isZero();
      assertThat(resources.count(Opcode.LDL)).as("loads of spilled registers").isZero();
      assertThat(resources.count(Opcode.STL)).as("stores of spilled registers").isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("kernelsOfArchitectures")
  void consistsOfTheInstructionsItIsWrittenFor(CudaKernel kernel, Architecture architecture) {
    KernelResources resources = resources(kernel, architecture);
    assertThat(EXPECTED.getOrDefault(kernel, List.of()))
        .allSatisfy(opcode -> assertThat(resources.count(opcode)).as("%s", opcode).isPositive());
    assertThat(resources.count(Opcode.HMMA) > 0)
        .as("tensor cores")
        .isEqualTo(kernel.symbol().contains("bf16"));
  }

  private static KernelResources resources(CudaKernel kernel, Architecture architecture) {
    byte[] content = ShippedKernels.cubin(kernel.file(), architecture);
    return CubinFile.kernels(content, kernel.file()).stream()
        .filter(each -> each.name().equals(kernel.symbol()))
        .findFirst()
        .orElseThrow();
  }
}
