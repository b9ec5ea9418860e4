package dev.fluxgate.cli.kernels;

import dev.fluxgate.engine.backend.cuda.cubin.Architecture;
import dev.fluxgate.engine.backend.cuda.kernel.CompiledKernels;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** All kernels: first those that draw, then their twins. */
final class KernelPage {
  private static final String TAIL =
      """

      This page is written by `fluxgate kernels --markdown`; a test fails when it is not up to date.
      """;

  private final List<CompiledKernels> compiled;

  private KernelPage(List<CompiledKernels> compiled) {
    this.compiled = compiled;
  }

  /** The kernels of the class path. */
  static KernelPage read() {
    return new KernelPage(Arrays.stream(Architecture.values()).map(CompiledKernels::of).toList());
  }

  /** For a terminal. */
  String text() {
    StringBuilder page = new StringBuilder();
    page.append("Figures of ").append(architectures()).append("; one where they are equal.\n\n");
    page.append(KernelTable.of(compiled, kernels(kernel -> !kernel.isTwin())).text());
    page.append('\n').append(KernelTable.of(compiled, kernels(CudaKernel::isTwin)).text());
    page.append('\n');
    for (KernelColumn column : KernelColumn.ALL) {
      page.append("%-10s  %s%n".formatted(column.title(), column.meaning()));
    }
    return page.toString();
  }

  /** The page docs/kernels.md. */
  String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # CUDA kernels

            What every kernel of [engine/src/main/cuda](../engine/src/main/cuda) takes, read from the shipped machine code. A field
            has one figure where all architectures agree, else one each for %s.
            What a kernel may take is decided in `KernelGatesTest`.

            | column | |
            |---|---|
            """
                .formatted(architectures()));
    for (KernelColumn column : KernelColumn.ALL) {
      page.append("| %s | %s |\n".formatted(column.title(), column.meaning()));
    }
    page.append("\n## Kernels\n\n");
    page.append(KernelTable.of(compiled, kernels(kernel -> !kernel.isTwin())).markdown());
    page.append("\n## Twins\n\n");
    page.append(
        "One thread a result, to judge the others on a device. They alone may have a stack.\n\n");
    page.append(KernelTable.of(compiled, kernels(CudaKernel::isTwin)).markdown());
    return page.append(TAIL).toString();
  }

  private static List<CudaKernel> kernels(Predicate<CudaKernel> wanted) {
    return Arrays.stream(CudaKernel.values()).filter(wanted).toList();
  }

  private String architectures() {
    return compiled.stream()
        .map(each -> each.architecture().label())
        .collect(Collectors.joining(", "));
  }
}
