package dev.fluxgate.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.fluxgate.cli.inspect.Totals;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.Installation;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.choice.OpenedBackend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.cuda.driver.CudaLibrary;
import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what this machine has, what will be used and why, and what is missing. */
@Command(
    name = "doctor",
    description = "Tells what this machine has, which back end is chosen, and what is missing.")
final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();
  private int missing;

  @Override
  public Integer call() throws IOException {
    line("fluxgate", Version.number() + ", " + Installation.root().toAbsolutePath());
    line("java", System.getProperty("java.vm.version") + ", " + System.getProperty("java.home"));
    line("processor", processor());
    line("memory", memory());
    gpus();
    for (DType type : List.of(DType.BF16, DType.F32)) {
      backends(type);
    }
    model();
    line("start cache", size(Installation.root().resolve("cli/target/fluxgate/start.aot")));
    line("user cache", userCache());
    PrintWriter out = spec.commandLine().getOut();
    out.println(missing == 0 ? "nothing is missing" : missing + " missing, see above");
    out.flush();
    return missing == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private void backends(DType type) {
    Optional<String> obstacle = CpuBackend.whyUnavailable(type);
    String name = type == DType.BF16 ? "bfloat16" : "float32";
    line(name + " on cpu", obstacle.map(why -> "not available: " + why).orElse("available"));
    OpenedBackend opened = BackendChoice.AUTO.open(type);
    line(name, opened.reason());
    line("", opened.backend().description());
    opened.backend().close();
  }

  /** Each GPU with what it is and has free, and why it is not taken by itself if it is not. */
  private void gpus() {
    List<DeviceProperties> devices = CudaLibrary.devices();
    if (devices.isEmpty()) {
      line("gpu", "none: " + CudaBackend.whyUnavailable(0).orElse("no device"));
    }
    for (int i = 0; i < devices.size(); i++) {
      gpu(i, devices.get(i));
    }
    CudaBackend.whyNotChosen()
        .filter(_ -> !devices.isEmpty())
        .ifPresent(why -> line("", "not chosen by itself: " + why));
  }

  private void gpu(int number, DeviceProperties device) {
    Optional<String> obstacle = CudaBackend.whyUnavailable(number);
    if (obstacle.isPresent()) {
      line("gpu", "not available: " + obstacle.get());
      return;
    }
    try (CudaBackend backend = new CudaBackend(number)) {
      line("gpu", backend.description());
      line(
          "",
          "%s of %s free, %d multiprocessors"
              .formatted(
                  Totals.size(backend.freeBytes()),
                  Totals.size(device.totalBytes()),
                  device.multiprocessors()));
    } catch (IllegalStateException | BackendLostException e) {
      missing++;
      line("gpu", "BROKEN: cuda:" + number + ": " + e.getMessage());
    }
  }

  private void model() {
    Path toy = Installation.toyModel();
    try {
      ModelFolder folder = ModelFolder.open(toy);
      line("model", toy + ", " + folder.family().id() + ", for demonstration");
      line("", "for real pictures: generate --model DIR, a FLUX folder as diffusers saves it");
    } catch (CheckpointException e) {
      missing++;
      line("model", "MISSING: " + e.getMessage());
    }
  }

  private static String processor() throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    Path cpus = Path.of("/proc/cpuinfo");
    String name = System.getProperty("os.arch");
    if (Files.isReadable(cpus)) {
      try (Stream<String> lines = Files.lines(cpus)) {
        name =
            lines
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(name);
      }
    }
    return name + ", " + threads + " threads for this process";
  }

  private static String memory() {
    String heap = ", heap up to " + Totals.size(Runtime.getRuntime().maxMemory());
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? Totals.size(system.getTotalMemorySize())
            + ", free "
            + Totals.size(system.getFreeMemorySize())
            + heap
        : heap;
  }

  private static String userCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg == null || xdg.isEmpty()
            ? Path.of(System.getProperty("user.home", ""), ".cache")
            : Path.of(xdg);
    Path ours = base.resolve("fluxgate");
    String state = Files.isDirectory(ours) ? "" : ", made when first needed";
    return ours + state;
  }

  private static String size(Path file) throws IOException {
    return Files.exists(file) && Files.size(file) > 0
        ? file + ", " + Totals.size(Files.size(file))
        : "none yet: later starts take longer";
  }

  private void line(String label, String value) {
    spec.commandLine().getOut().printf("%-17s%s%n", label, value);
  }
}
