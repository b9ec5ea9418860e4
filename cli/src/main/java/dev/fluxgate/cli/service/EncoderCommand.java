package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.ConfigOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.HostOption;
import dev.fluxgate.cli.option.HostPort;
import dev.fluxgate.cli.option.ModelOptions;
import dev.fluxgate.cli.option.Port;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.option.ServiceCommand;
import dev.fluxgate.encoder.EncoderConfig;
import dev.fluxgate.encoder.EncoderProcess;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs the service that turns prompts into embeddings. */
@Command(
    name = "encoder",
    description = "Runs an encoder, which turns prompts into embeddings, until told to stop.",
    sortOptions = false)
public final class EncoderCommand implements Callable<Integer>, ServiceCommand {
  private static final Range COUNT = new Range(1, 1_000_000);
  private static final Range BATCH = new Range(1, 1024);
  private static final Range LENGTH = new Range(1, 1 << 17);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      defaultValue = "9091",
      description = "Port to listen at; 0 takes a free one. Default: ${DEFAULT-VALUE}.")
  private Port port = new Port(0);

  @Mixin private HostOption host = new HostOption();
  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--queue-capacity",
      paramLabel = "N",
      defaultValue = "64",
      description = "Most prompts that wait; more are refused. Default: ${DEFAULT-VALUE}.")
  private int queueCapacity;

  @Option(
      names = "--max-batch",
      paramLabel = "N",
      defaultValue = "4",
      description = "Most prompts encoded together. Default: ${DEFAULT-VALUE}.")
  private int maxBatch;

  @Option(
      names = "--max-sequence-length",
      paramLabel = "TOKENS",
      defaultValue = "2048",
      description = "Most token positions of a prompt. Default: ${DEFAULT-VALUE}.")
  private int maxSequenceLength;

  @Option(
      names = "--max-calls",
      paramLabel = "N",
      defaultValue = "128",
      description = "Most calls at once, waiting or answering. Default: ${DEFAULT-VALUE}.")
  private int maxCalls;

  // Read by the settings, through the model of the command.
  @SuppressWarnings("UnusedVariable")
  @Mixin
  private ConfigOption config = new ConfigOption();

  @Mixin private SupervisedOption supervised = new SupervisedOption();

  @Override
  public Integer call() throws InterruptedException {
    EncoderConfig settings = settings();
    Foreground foreground = Foreground.enter(supervised);
    try (EncoderProcess encoder = EncoderProcess.start(settings)) {
      PrintWriter out = spec.commandLine().getOut();
      out.println("listening " + HostPort.of(settings.host(), encoder.port()));
      out.flush();
      var _ = encoder.lost().thenAccept(foreground::fail);
      foreground.awaitStop();
    }
    return ExitCode.OK;
  }

  private EncoderConfig settings() {
    return new EncoderConfig(
        model.path(),
        model.dtype(),
        model.device(),
        host.host(),
        port.number(),
        new EncoderConfig.Limits(
            COUNT.check(spec, "--queue-capacity", queueCapacity),
            BATCH.check(spec, "--max-batch", maxBatch),
            LENGTH.check(spec, "--max-sequence-length", maxSequenceLength),
            COUNT.check(spec, "--max-calls", maxCalls)));
  }
}
