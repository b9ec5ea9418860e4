package dev.fluxgate.cli.kernels;

import dev.fluxgate.engine.backend.cuda.kernel.CompiledKernels;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A row for each kernel, the figures of all architectures in one field. */
final class KernelTable {
  private static final String GAP = "  ";

  private final List<List<String>> rows;

  private KernelTable(List<List<String>> rows) {
    this.rows = rows;
  }

  /** The figures of {@code kernels}, under a row of titles. */
  static KernelTable of(List<CompiledKernels> compiled, List<CudaKernel> kernels) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("kernel", KernelColumn.ALL.stream().map(KernelColumn::title)));
    for (CudaKernel kernel : kernels) {
      rows.add(
          row(
              kernel.symbol(),
              KernelColumn.ALL.stream().map(column -> field(column, kernel, compiled))));
    }
    return new KernelTable(rows);
  }

  private static List<String> row(String name, Stream<String> fields) {
    return Stream.concat(Stream.of(name), fields).toList();
  }

  /** One figure if all are equal, else all of them. */
  private static String field(
      KernelColumn column, CudaKernel kernel, List<CompiledKernels> compiled) {
    List<String> figures = compiled.stream().map(each -> column.figure(kernel, each)).toList();
    return figures.stream().distinct().count() == 1
        ? figures.getFirst()
        : String.join("/", figures);
  }

  /** In aligned columns. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).append(" ".repeat(width(i) - row.get(i).length())).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
  }

  /** For a page. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      text.append("| ").append(String.join(" | ", rows.get(i))).append(" |\n");
      if (i == 0) {
        text.append('|').append("---|".repeat(rows.get(i).size())).append('\n');
      }
    }
    return text.toString();
  }
}
