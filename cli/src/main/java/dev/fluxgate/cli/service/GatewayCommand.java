package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.ConfigOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.GatewayPorts;
import dev.fluxgate.cli.option.HostOption;
import dev.fluxgate.cli.option.HostPort;
import dev.fluxgate.cli.option.ServiceCommand;
import dev.fluxgate.gateway.GatewayConfig;
import dev.fluxgate.gateway.GatewayProcess;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the service that users and workers talk to. */
@Command(
    name = "gateway",
    description = "Runs a gateway, which keeps jobs and hands them out, until told to stop.",
    sortOptions = false)
public final class GatewayCommand implements Callable<Integer>, ServiceCommand {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private GatewayPorts ports = new GatewayPorts();
  @Mixin private HostOption host = new HostOption();

  @Option(
      names = "--encoder",
      split = ",",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9091",
      description = "Encoders, separated by commas. Default: ${DEFAULT-VALUE}.")
  private List<HostPort> encoders = List.of();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder for pictures, up to 8 GiB, in place of memory. Default: none.")
  private @Nullable Path data;

  @Mixin private GatewayLimits limits = new GatewayLimits();
  @Mixin private UpsamplerOptions upsampler = new UpsamplerOptions();

  // Read by the settings, through the model of the command.
  @SuppressWarnings("UnusedVariable")
  @Mixin
  private ConfigOption config = new ConfigOption();

  @Mixin private SupervisedOption supervised = new SupervisedOption();

  @Override
  public Integer call() throws InterruptedException {
    GatewayConfig settings = settings();
    Foreground foreground = Foreground.enter(supervised);
    try (GatewayProcess gateway = GatewayProcess.start(settings)) {
      String address = settings.addresses().host();
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          "listening http://"
              + HostPort.of(address, gateway.httpPort().orElseThrow())
              + ", gRPC "
              + HostPort.of(address, gateway.port()));
      out.flush();
      awaitStop(foreground, HostPort.of(address, gateway.port()).target(), out);
    }
    return ExitCode.OK;
  }

  private void awaitStop(Foreground foreground, String target, PrintWriter out)
      throws InterruptedException {
    if (!supervised.isSupervised()) {
      foreground.awaitStop();
      return;
    }
    try (ReadyNotice _ = ReadyNotice.start(target, out)) {
      foreground.awaitStop();
    }
  }

  private GatewayConfig settings() {
    GatewayConfig settings =
        limits
            .of(
                GatewayConfig.standard(
                    host.host(),
                    ports.grpc(),
                    encoders.stream().map(HostPort::target).toArray(String[]::new)))
            .withHttpPort(ports.http())
            .withUpsampler(upsampler.endpoint());
    return data == null ? settings : settings.withData(data);
  }
}
