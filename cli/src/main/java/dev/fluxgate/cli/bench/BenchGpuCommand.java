package dev.fluxgate.cli.bench;

import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.cuda.driver.CudaOutOfMemoryException;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Seconds per step and per op on a GPU, as a share of what it could do. */
@Command(
    name = "gpu",
    description = {
      "Measures denoising steps, and the ops they consist of, with weights made up on the device.",
      "Peaks are those of the boost clock; a card that its power limit holds back never gets there."
    },
    sortOptions = false)
final class BenchGpuCommand implements Callable<Integer> {
  private static final long SEED = 1;
  private static final long LARGEST_TENSOR = 4L << 30;
  private static final int TOKEN_PIXELS = 16;
  private static final Range PIXELS = new Range(64, 4096);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--device",
      paramLabel = "cuda:N",
      defaultValue = "cuda:0",
      description = "Which GPU. Default: ${DEFAULT-VALUE}.")
  private String device = "cuda:0";

  @Option(
      names = "--geometry",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "klein-4b,dev",
      completionCandidates = Geometries.class,
      description =
          "Sizes of the transformer: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<String> geometries = new ArrayList<>();

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      defaultValue = "1024",
      description = "Width and height of the picture. Default: ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--text-tokens",
      paramLabel = "N",
      defaultValue = "512",
      description = "Tokens of the prompt. Default: ${DEFAULT-VALUE}.")
  private int textTokens;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds, of which the median counts. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--warmups",
      paramLabel = "N",
      defaultValue = "2",
      description = "Rounds before those. Default: ${DEFAULT-VALUE}.")
  private int warmups;

  @Override
  public Integer call() throws IOException {
    List<Geometry> sizes = geometries.stream().map(this::geometry).toList();
    LatentGrid grid = grid();
    new Range(1, 4096).check(spec, "--text-tokens", textTokens);
    new Range(1, 1000).check(spec, "--rounds", rounds);
    new Range(0, 1000).check(spec, "--warmups", warmups);
    PrintWriter out = spec.commandLine().getOut();
    boolean good = true;
    try (CudaBackend backend = new CudaBackend(device());
        UnreadSource source = new UnreadSource(LARGEST_TENSOR)) {
      Roofline roofline = Roofline.of(backend.properties());
      out.println(backend.description());
      out.printf(
          "at its boost clock: %.1f TFLOP/s bfloat16, %.0f GB/s%n",
          roofline.flops() * 1e-12, roofline.bandwidth() * 1e-9);
      for (Geometry each : sizes) {
        good &= measure(backend, source, each, grid, roofline);
      }
    }
    return good ? ExitCode.OK : ExitCode.FAILED;
  }

  private int device() {
    try {
      if (BackendChoice.of(device) instanceof BackendChoice.Cuda(int number)) {
        return number;
      }
    } catch (IllegalArgumentException _) {
      // Told below, as for the names of devices that are no GPU.
    }
    throw new ParameterException(
        spec.commandLine(), "--device: " + device + " (expected: cuda:N, N the number of a GPU)");
  }

  private LatentGrid grid() {
    PIXELS.check(spec, "--size", size);
    if (size % TOKEN_PIXELS != 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--size: " + size + " (expected: a multiple of " + TOKEN_PIXELS + ")");
    }
    return LatentGrid.of(size, size, TOKEN_PIXELS);
  }

  private Geometry geometry(String name) {
    return Arrays.stream(Geometry.values())
        .filter(each -> each.label().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new ParameterException(
                spec.commandLine(),
                "--geometry: "
                    + name
                    + " (expected: "
                    + Arrays.stream(Geometry.values())
                        .map(Geometry::label)
                        .collect(Collectors.joining(", "))
                    + ")"));
  }

  private boolean measure(
      CudaBackend backend,
      UnreadSource source,
      Geometry geometry,
      LatentGrid grid,
      Roofline roofline) {
    PrintWriter out = spec.commandLine().getOut();
    int tokens = grid.tokens() + textTokens;
    out.printf(
        "%n%s, %d x %d pixels, %d + %d tokens%n",
        geometry.label(), size, size, grid.tokens(), textTokens);
    Stopwatch stopwatch = new Stopwatch(backend, warmups, rounds);
    try {
      try (WeightStore weights = backend.randomWeights(DType.BF16, SEED)) {
        ops(new OpBenchmark(backend, weights, stopwatch), geometry.params(), tokens, source)
            .forEach(result -> line(result, roofline, out));
      }
      try (WeightStore weights = backend.randomWeights(DType.BF16, SEED)) {
        StepBenchmark.Result step =
            new StepBenchmark(backend, geometry.params(), grid, textTokens)
                .run(weights, source, stopwatch);
        double flops = geometry.flops(tokens);
        out.printf(
            "step %.4f s, %.1f TFLOP, %.1f TFLOP/s, %.1f %% of the peak; weights %.2f GiB,"
                + " activations %.2f GiB%s%n",
            step.seconds(),
            flops * 1e-12,
            flops / step.seconds() * 1e-12,
            100 * flops / step.seconds() / roofline.flops(),
            step.weightBytes() / (double) (1 << 30),
            step.activationBytes() / (double) (1 << 30),
            step.finite() ? "" : "; NOT FINITE");
        out.flush();
        return step.finite();
      }
    } catch (CudaOutOfMemoryException e) {
      out.printf("does not fit: %s%n", e.getMessage());
      return true;
    }
  }

  private static List<OpBenchmark.Result> ops(
      OpBenchmark bench, Flux2Params params, int tokens, UnreadSource source) {
    int width = params.width();
    int hidden = params.mlpWidth();
    return List.of(
        bench.linear(tokens, width, width, source),
        bench.linear(tokens, width, hidden, source),
        bench.linear(tokens, hidden, width, source),
        bench.linear(tokens, width + hidden, width, source),
        bench.attention(tokens, params.heads(), params.headDim()),
        bench.norm(tokens, width),
        bench.copy(tokens, hidden));
  }

  private static void line(OpBenchmark.Result result, Roofline roofline, PrintWriter out) {
    if (result.flops() > 0) {
      double rate = result.flops() / result.seconds();
      out.printf(
          "  %-44s %10.3f ms %8.1f TFLOP/s %6.1f %% of the peak%n",
          result.name(), result.seconds() * 1e3, rate * 1e-12, 100 * rate / roofline.flops());
    } else {
      double rate = result.bytes() / result.seconds();
      out.printf(
          "  %-44s %10.3f ms %8.1f GB/s    %6.1f %% of the peak%n",
          result.name(), result.seconds() * 1e3, rate * 1e-9, 100 * rate / roofline.bandwidth());
    }
    out.flush();
  }

  /** What a shell offers. */
  static final class Geometries implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Geometry.values()).map(Geometry::label).iterator();
    }
  }
}
