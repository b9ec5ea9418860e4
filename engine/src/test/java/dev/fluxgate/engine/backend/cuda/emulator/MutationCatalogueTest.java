package dev.fluxgate.engine.backend.cuda.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.cuda.cubin.Architecture;
import dev.fluxgate.engine.backend.cuda.cubin.Opcode;
import dev.fluxgate.engine.backend.cuda.emulator.Mutation.Kind;
import dev.fluxgate.engine.backend.cuda.kernel.CompiledKernels;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The mistakes that are seeded: enough of them, and told. */
final class MutationCatalogueTest {
  static Stream<String> files() {
    return Arrays.stream(CudaKernel.values())
        .filter(kernel -> !kernel.isTwin())
        .map(CudaKernel::file)
        .distinct();
  }

  /**
   * A barrier where the machine code has one, a wait and a stage where it copies asynchronously.
   */
  @ParameterizedTest
  @MethodSource("files")
  void takesAwayWhateverAFamilyConsistsOf(String file) throws IOException {
    Set<Kind> tried =
        Mutation.all().stream()
            .filter(each -> each.source().equals(file))
            .map(Mutation::kind)
            .collect(Collectors.toSet());

    assertThat(tried).contains(Kind.PREDICATE);
    if (has(file, Opcode.BAR)) {
      assertThat(tried).contains(Kind.BARRIER);
    }
    if (has(file, Opcode.LDGSTS)) {
      assertThat(tried).contains(Kind.WAIT, Kind.STAGE);
    }
  }

  @Test
  void standsInTheDocumentation() throws IOException {
    Path page = Path.of(System.getProperty("fluxgate.root"), "docs", "mutations.md");

    Mutation.assertIsTableOfAll(Files.readAllLines(page));
  }

  private static boolean has(String file, Opcode opcode) {
    CompiledKernels compiled = CompiledKernels.of(Architecture.SM_80);
    return Arrays.stream(CudaKernel.values())
        .filter(kernel -> kernel.file().equals(file))
        .anyMatch(kernel -> compiled.resources(kernel).count(opcode) > 0);
  }
}
