package dev.fluxgate.cli.up;

import dev.fluxgate.cli.option.ConfigOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.GatewayPorts;
import dev.fluxgate.cli.option.HostOption;
import dev.fluxgate.cli.option.HostPort;
import dev.fluxgate.cli.option.ModelOptions;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.option.ServiceCommand;
import dev.fluxgate.cli.service.StopSignals;
import dev.fluxgate.cli.service.SupervisedOption;
import dev.fluxgate.cli.terminal.Terminals;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs encoder, gateway and workers as processes of this machine, and one log for all. */
@Command(
    name = "up",
    description =
        "Runs encoder, gateway and workers until told to stop; prints \"ready URL\" once a job can"
            + " run.",
    sortOptions = false)
public final class UpCommand implements Callable<Integer>, ServiceCommand {
  private static final String MAIN_CLASS = "dev.fluxgate.cli.FluxgateMain";
  private static final Range DENOISERS = new Range(1, 64);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--denoisers",
      paramLabel = "N",
      defaultValue = "1",
      description = "Workers. Default: ${DEFAULT-VALUE}.")
  private int denoisers;

  @Mixin private ModelOptions model = new ModelOptions();

  @Mixin private GatewayPorts ports = new GatewayPorts();
  @Mixin private HostOption host = new HostOption();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of the gateway for pictures, in place of memory. Default: none.")
  private @Nullable Path data;

  @Mixin private ConfigOption config = new ConfigOption();

  @Override
  public Integer call() throws InterruptedException {
    FreePorts free = new FreePorts(ports.http(), ports.grpc());
    int http = ports.http() == 0 ? free.pick() : ports.http();
    int grpc = ports.grpc() == 0 ? free.pick() : ports.grpc();
    String gateway = HostPort.of(host.host(), grpc).target();
    Map<String, List<String>> commands = commands(http, grpc, gateway, free.pick());
    SystemLog log =
        new SystemLog(spec.commandLine().getErr(), Terminals.hasColour(Terminals.isStderr()));
    try (RunningSystem system = new RunningSystem(commands, log)) {
      StopSignals.listen(system::stop, "INT", "TERM", "HUP");
      if (system.awaitReady()) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("ready http://" + HostPort.of(host.host(), http));
        out.flush();
      }
      system.awaitEnd();
    }
    return ExitCode.OK;
  }

  private Map<String, List<String>> commands(int http, int grpc, String gateway, int encoder) {
    List<String> ofGateway =
        new ArrayList<>(
            List.of(
                "--host",
                host.host(),
                "--http-port",
                Integer.toString(http),
                "--grpc-port",
                Integer.toString(grpc)));
    if (data != null) {
      ofGateway.addAll(List.of("--data", data.toString()));
    }
    Map<String, List<String>> commands = new LinkedHashMap<>();
    new ServiceCommands(
            model.arguments(),
            shared(),
            ofGateway,
            gateway,
            encoder,
            DENOISERS.check(spec, "--denoisers", denoisers))
        .all()
        .forEach(
            (name, arguments) -> commands.put(name, JvmCommand.running(MAIN_CLASS, arguments)));
    return commands;
  }

  private List<String> shared() {
    List<String> shared = new ArrayList<>(List.of(SupervisedOption.NAME));
    if (spec.findOption("--verbose").getValue() instanceof Boolean verbose && verbose) {
      shared.add("--verbose");
    }
    Path file = config.file();
    if (file != null) {
      shared.addAll(List.of(ConfigOption.NAME, file.toString()));
    }
    return shared;
  }
}
