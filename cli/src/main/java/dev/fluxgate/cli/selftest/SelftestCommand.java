package dev.fluxgate.cli.selftest;

import dev.fluxgate.cli.option.DeviceOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Installation;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.backend.selftest.SelfTest;
import dev.fluxgate.engine.backend.selftest.SelfTest.Outcome;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares every op of a device with a plain one, and draws. */
@Command(
    name = "selftest",
    description = {
      "Compares every op of a device with a plain one on the same inputs: on a GPU each kernel with"
          + " its naive twin on that GPU, elsewhere with the reference.",
      "Errors are shares of the root mean square of the result."
    })
public final class SelftestCommand implements Callable<Integer> {
  private static final String PROMPT = "a large red circle on a white background";
  private static final long SEED = 7;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private DeviceOption device = new DeviceOption();

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "Also draw a red circle with the demonstration model, as a PNG file.")
  private @Nullable Path picture;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    List<Outcome> outcomes;
    try (Backend subject = device.choice().open(DType.BF16).backend();
        Backend oracle = oracle(device.choice(), subject)) {
      out.println(subject.description());
      outcomes = SelfTest.run(subject, oracle, outcome -> line(out, outcome));
    }
    long failed = outcomes.stream().filter(outcome -> !outcome.passed()).count();
    out.printf("%d of %d ops as they should be%n", outcomes.size() - failed, outcomes.size());
    if (picture != null) {
      ModelFolder toy = ModelFolder.open(Installation.toyModel());
      Files.write(picture, DirectPicture.draw(toy, device.choice(), PROMPT, SEED));
      out.printf("wrote %s: %s%n", picture, PROMPT);
    }
    out.flush();
    return failed == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Backend oracle(BackendChoice choice, Backend subject) {
    if (subject instanceof CudaBackend) {
      return CudaBackend.twins(choice instanceof BackendChoice.Cuda cuda ? cuda.device() : 0);
    }
    return new ReferenceBackend();
  }

  private static void line(PrintWriter out, Outcome outcome) {
    out.printf(
        "%-6s %-4s %-34s %-58s error %.1e, worst %.1e%n",
        outcome.passed() ? "ok" : "FAILED",
        outcome.type(),
        outcome.op(),
        outcome.sizes(),
        outcome.error(),
        outcome.worst());
    out.flush();
  }
}
