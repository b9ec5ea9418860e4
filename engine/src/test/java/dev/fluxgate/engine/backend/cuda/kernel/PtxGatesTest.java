package dev.fluxgate.engine.backend.cuda.kernel;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The PTX of the jar under the compiler of an older driver: taken by it, without spilling, without
 * giving up on anything.
 */
@EnabledOnOs(
    value = OS.LINUX,
    architectures = "amd64",
    disabledReason = "JCuda has its compiler of PTX for linux-x86_64 alone")
final class PtxGatesTest {
  /** Those that release 12.0 knows. */
  private static final List<String> ARCHITECTURES = List.of("sm_80", "sm_86", "sm_89", "sm_90");

  private static final Pattern KERNEL =
      Pattern.compile(
          "Compiling entry function '(\\w+)'(.*?)(?=Compiling entry function|\\z)", Pattern.DOTALL);

  /** What a kernel keeps in memory of its own because registers do not suffice. */
  private static final Pattern IN_MEMORY =
      Pattern.compile("(\\d+) bytes (?:stack frame|spill stores|spill loads)");

  /** That tensor-core instructions are serialised, or similar. */
  private static final Pattern PERFORMANCE_LOST = Pattern.compile("\\bC75\\d\\d\\b");

  @TempDir private static Path folder;

  @BeforeAll
  static void loadsTheCompiler() {
    PtxCompiler.load(folder);
  }

  static Stream<String> files() {
    return Arrays.stream(CudaKernel.values()).map(CudaKernel::file).distinct();
  }

  static Stream<Arguments> filesForArchitectures() {
    return files()
        .flatMap(
            file -> ARCHITECTURES.stream().map(architecture -> Arguments.of(file, architecture)));
  }

  @ParameterizedTest
  @MethodSource("filesForArchitectures")
  void isCompiledWithoutSpilling(String file, String architecture) {
    PtxCompiler.Outcome outcome = PtxCompiler.compile(KernelImages.ptx().read(file), architecture);

    assertThat(outcome.isSuccess()).as(outcome.log()).isTrue();
    assertThat(outcome.log()).doesNotContainPattern(PERFORMANCE_LOST);
    Map<String, String> kernels =
        KERNEL
            .matcher(outcome.log())
            .results()
            .collect(toMap(found -> found.group(1), found -> found.group(2)));
    assertThat(kernels.keySet())
        .containsExactlyInAnyOrderElementsOf(kernels(file).map(CudaKernel::symbol).toList());
    kernels(file)
        .filter(kernel -> !kernel.isTwin())
        .forEach(kernel ->
            assertThat(IN_MEMORY.matcher(kernels.get(kernel.symbol())).results())
                .as(kernel.symbol())
                .extracting(found -> found.group(1))
                .isNotEmpty()
                .containsOnly("0"));
  }

  @ParameterizedTest
  @MethodSource("files")
  void isOfTheOldestIsaThatHasItsInstructions(String file) {
    assertThat(new String(KernelImages.ptx().read(file), US_ASCII))
        .containsPattern("(?m)^\\.version 7\\.0$")
        .containsPattern("(?m)^\\.target sm_80$");
  }

  /** That the compiler is one that can refuse. */
  @Test
  void tellsWhatIsWrong() {
    byte[] broken =
        ".version 7.0\n.target sm_80\n.address_size 64\n.visible .entry k() { nonsense; }\n"
            .getBytes(US_ASCII);

    PtxCompiler.Outcome outcome = PtxCompiler.compile(broken, "sm_80");

    assertThat(outcome.isSuccess()).isFalse();
    assertThat(outcome.log()).contains("nonsense");
  }

  private static Stream<CudaKernel> kernels(String file) {
    return Arrays.stream(CudaKernel.values()).filter(kernel -> kernel.file().equals(file));
  }
}
