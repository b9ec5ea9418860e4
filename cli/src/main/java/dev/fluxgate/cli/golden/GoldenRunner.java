package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs cases one after the other. */
public final class GoldenRunner {
  private final Function<GoldenCase, CasePlan> plans;
  private final Function<DType, Backend> backends;
  private final @Nullable Path write;

  /**
   * A runner.
   *
   * @param plans what to do with a case
   * @param backends where models of a type compute
   * @param write folder that gets every output made, {@code <family>/<case>/out.safetensors}; null
   *     for none
   */
  public GoldenRunner(
      Function<GoldenCase, CasePlan> plans,
      Function<DType, Backend> backends,
      @Nullable Path write) {
    this.plans = plans;
    this.backends = backends;
    this.write = write;
  }

  /** Runs {@code golden}; an error of the code under test is a result, not an exception. */
  public CaseResult run(GoldenCase golden) throws InterruptedException {
    return switch (plans.apply(golden)) {
      case CasePlan.Skip skip -> new CaseResult.Skipped(golden, skip.reason());
      case CasePlan.Run run -> run(golden, run.operation());
    };
  }

  private CaseResult run(GoldenCase golden, GoldenOperation operation) throws InterruptedException {
    FutureTask<CaseResult> task = new FutureTask<>(() -> compare(golden, operation));
    task.run();
    try {
      return task.get();
    } catch (ExecutionException e) {
      return new CaseResult.Broken(golden, e.getCause() == null ? e : e.getCause());
    }
  }

  private CaseResult compare(GoldenCase golden, GoldenOperation operation) throws IOException {
    long start = System.nanoTime();
    try (CaseTensors stored = CaseTensors.open(golden)) {
      CaseRun run = new CaseRun(golden, stored.tensors(), backends.apply(golden.computeType()));
      operation.run(run);
      if (write != null && !run.outputs().isEmpty()) {
        Path folder = write.resolve(golden.family()).resolve(golden.name());
        Files.createDirectories(folder);
        SafetensorsWriter.write(folder.resolve("out.safetensors"), run.outputs(), Map.of());
      }
      long millis = (System.nanoTime() - start) / 1_000_000;
      return new CaseResult.Compared(golden, run.findings(), millis);
    }
  }
}
