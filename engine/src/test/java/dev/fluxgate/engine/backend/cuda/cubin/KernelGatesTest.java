package dev.fluxgate.engine.backend.cuda.cubin;

import static java.lang.Integer.parseInt;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.kernel.CompiledKernels;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.KernelImages;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every kernel may take on every architecture, and the instructions it must consist of. The
 * images are read as shipped: no tool of CUDA, no GPU.
 *
 * <p>Registers are given out in portions of eight, 65536 of them to all threads of the resident
 * blocks; a budget is what so many blocks have, or a little more than what the kernel takes where
 * one block more is out of reach. docs/kernels.md has today's figures.
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
          Map.entry(CudaKernel.LAYER_NORM, REDUCTION),
          Map.entry(CudaKernel.MODULATED_LAYER_NORM, REDUCTION),
          Map.entry(CudaKernel.ROTATE, REDUCTION),
          Map.entry(CudaKernel.GROUP_NORM_STATISTICS, REDUCTION));

  /** Enough for eight blocks, so that a naive kernel hides the time of its loads. */
  private static final Budget OF_TWINS = new Budget(64, 8);

  private static final Map<CudaKernel, Budget> BUDGETS =
      Map.ofEntries(
          // Sums of a warp take half of the registers; three stages leave room for one block on
          // all but sm_90a, where registers allow the second.
          Map.entry(CudaKernel.LINEAR_BF16_128, new Budget(255, 1)),
          Map.entry(CudaKernel.CONVOLVE_BF16_128, new Budget(255, 1)),
          // Four blocks by registers, two by shared memory.
          Map.entry(CudaKernel.LINEAR_BF16_64, new Budget(128, 2)),
          Map.entry(CudaKernel.CONVOLVE_BF16_64, new Budget(128, 2)),
          // Four blocks by registers, three by shared memory.
          Map.entry(CudaKernel.LINEAR_BF16_ANY, new Budget(128, 3)),
          Map.entry(CudaKernel.CONVOLVE_BF16_ANY, new Budget(128, 3)),
          // Sixteen sums a thread; three blocks would need 80.
          Map.entry(CudaKernel.LINEAR_F32, new Budget(88, 2)),
          Map.entry(CudaKernel.CONVOLVE_F32, new Budget(88, 2)),
          // Three blocks have 168 a thread, two have 255.
          Map.entry(CudaKernel.ATTENTION_BF16_64, new Budget(168, 3)),
          Map.entry(CudaKernel.ATTENTION_BF16_128, new Budget(255, 2)),
          Map.entry(CudaKernel.ATTENTION_ANY, new Budget(255, 2)),
          // Bound by memory: five blocks of 256 threads have 48 a thread, four have 64.
          Map.entry(CudaKernel.RMS_NORM, new Budget(48, 5)),
          Map.entry(CudaKernel.LAYER_NORM, new Budget(56, 4)),
          Map.entry(CudaKernel.MODULATED_LAYER_NORM, new Budget(56, 4)),
          Map.entry(CudaKernel.GROUP_NORM_STATISTICS, new Budget(48, 5)),
          Map.entry(CudaKernel.GROUP_NORM_APPLY, new Budget(56, 2)),
          // Ten blocks of 128 threads have 48.
          Map.entry(CudaKernel.ROTATE, new Budget(48, 10)),
          // Six blocks of 256 threads, all that GeForce holds, have 40; eight, all of sm_80, 32.
          Map.entry(CudaKernel.UPSAMPLE_NEAREST, new Budget(40, 6)),
          Map.entry(CudaKernel.EMBED, new Budget(40, 6)),
          Map.entry(CudaKernel.COPY, new Budget(32, 6)),
          Map.entry(CudaKernel.SILU_ALL, new Budget(32, 6)),
          Map.entry(CudaKernel.EULER_STEP, new Budget(32, 6)),
          Map.entry(CudaKernel.GUIDE, new Budget(32, 6)),
          Map.entry(CudaKernel.ADD, new Budget(32, 6)),
          Map.entry(CudaKernel.BLEND, new Budget(32, 6)),
          Map.entry(CudaKernel.FILL_RANDOM, new Budget(32, 6)));

  private static final Map<CudaKernel, LoopBudget> LOOPS =
      Map.of(
          CudaKernel.LINEAR_BF16_128, new LoopBudget(24, 24),
          // The loop within takes 16 columns, the one around it also finds the pixels of a tap.
          CudaKernel.CONVOLVE_BF16_128, new LoopBudget(45, 10),
          // The softmax lies in between.
          CudaKernel.ATTENTION_BF16_128, new LoopBudget(14, 14));

  private static final Pattern INTENDED_BLOCKS =
      Pattern.compile("\\.entry (\\w+)\\([^{]*\\.minnctapersm (\\d+)");

  private static final Map<Architecture, CompiledKernels> COMPILED =
      Arrays.stream(Architecture.values())
          .collect(Collectors.toMap(Function.identity(), CompiledKernels::of));

  /**
   * What a kernel may take.
   *
   * @param registers of a thread, at most
   * @param blocks of a multiprocessor, at least, on any architecture
   */
  private record Budget(int registers, int blocks) {}

  /**
   * What the loops of a kernel must have of products, in percent of their instructions.
   *
   * @param densest of the loop with most
   * @param outermost of the loop around all of it
   */
  private record LoopBudget(int densest, int outermost) {}

  static Stream<Arguments> kernelsOfArchitectures() {
    return Arrays.stream(CudaKernel.values())
        .flatMap(kernel ->
            Arrays.stream(Architecture.values())
                .map(architecture -> Arguments.of(kernel, architecture)));
  }

  static Stream<Arguments> kernelsWithLoopBudgets() {
    return kernelsOfArchitectures().filter(arguments -> LOOPS.containsKey(arguments.get()[0]));
  }

  @ParameterizedTest
  @MethodSource("kernelsOfArchitectures")
  void takesWhatItMay(CudaKernel kernel, Architecture architecture) {
    KernelResources resources = resources(kernel, architecture);
    Budget budget = kernel.isTwin() ? OF_TWINS : Objects.requireNonNull(BUDGETS.get(kernel));
    assertThat(resources.registers()).as("registers").isLessThanOrEqualTo(budget.registers());
    assertThat(resources.maxThreads()).as("threads").isEqualTo(kernel.threads());
    assertThat(resources.sharedBytes() + kernel.sharedBytes())
        .as("shared memory")
        .isLessThanOrEqualTo(architecture.blockSharedBytes());
    assertThat(compiled(architecture).occupancy(kernel).blocks())
        .as("resident blocks")
        .isGreaterThanOrEqualTo(budget.blocks());
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

  /** The second number of KERNEL in the sources. */
  @ParameterizedTest
  @MethodSource("kernelsOfArchitectures")
  void hasRegistersForTheBlocksThatItsSourceAsksFor(CudaKernel kernel, Architecture architecture) {
    String ptx = new String(KernelImages.ptx().read(kernel.file()), US_ASCII);
    Map<String, Integer> intended =
        INTENDED_BLOCKS
            .matcher(ptx)
            .results()
            .collect(Collectors.toMap(found -> found.group(1), found -> parseInt(found.group(2))));
    Occupancy byRegisters =
        Occupancy.of(architecture, resources(kernel, architecture), kernel.threads(), 0);
    assertThat(intended).containsKey(kernel.symbol());
    assertThat(byRegisters.blocks()).isGreaterThanOrEqualTo(intended.get(kernel.symbol()));
  }

  @ParameterizedTest
  @MethodSource("kernelsWithLoopBudgets")
  void multipliesMostOfTheTimeInItsLoops(CudaKernel kernel, Architecture architecture) {
    LoopBudget budget = Objects.requireNonNull(LOOPS.get(kernel));
    List<TensorLoop> loops = resources(kernel, architecture).tensorLoops();
    assertThat(loops).isNotEmpty();
    assertThat(loops.stream().mapToInt(TensorLoop::percent).max().orElseThrow())
        .as("products in a hundred instructions of the densest loop")
        .isGreaterThanOrEqualTo(budget.densest());
    assertThat(loops.getLast().percent())
        .as("products in a hundred instructions of the outermost loop")
        .isGreaterThanOrEqualTo(budget.outermost());
    assertThat(loops.getLast().products())
        .as("products outside of the loop")
        .isEqualTo(resources(kernel, architecture).count(Opcode.HMMA));
  }

  private static KernelResources resources(CudaKernel kernel, Architecture architecture) {
    return compiled(architecture).resources(kernel);
  }

  private static CompiledKernels compiled(Architecture architecture) {
    return Objects.requireNonNull(COMPILED.get(architecture));
  }
}
