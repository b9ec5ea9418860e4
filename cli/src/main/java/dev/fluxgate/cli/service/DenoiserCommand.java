package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.ByteSize;
import dev.fluxgate.cli.option.ConfigOption;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.HostPort;
import dev.fluxgate.cli.option.ModelOptions;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.cli.option.ServiceCommand;
import dev.fluxgate.denoiser.DenoiserConfig;
import dev.fluxgate.denoiser.DenoiserProcess;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a worker that turns jobs of a gateway into pictures. */
@Command(
    name = "denoiser",
    description = "Runs a worker, which draws what a gateway hands out, until told to stop.",
    sortOptions = false)
public final class DenoiserCommand implements Callable<Integer>, ServiceCommand {
  private static final Range DRAIN = new Range(0, 86_400);
  private static final String ID = "[\\w.-]{1,100}";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--gateway",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:9090",
      description = "gRPC address of the gateway. Default: ${DEFAULT-VALUE}.")
  private HostPort gateway = new HostPort("127.0.0.1:9090");

  @Option(
      names = "--worker-id",
      paramLabel = "NAME",
      description = "Name of the worker, the same after a restart. Default: denoiser-PID.")
  private @Nullable String workerId;

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      defaultValue = "4194304",
      description = "Largest width times height that is drawn. Default: ${DEFAULT-VALUE}.")
  private int maxPixels;

  @Option(
      names = "--activation-memory",
      paramLabel = "SIZE",
      defaultValue = "16G",
      description = "Most memory of the activations of a job. Default: ${DEFAULT-VALUE}.")
  private ByteSize activationMemory = new ByteSize(1);

  @Option(
      names = "--embedding-memory",
      paramLabel = "SIZE",
      defaultValue = "128M",
      description = "Embeddings kept for later jobs. Default: ${DEFAULT-VALUE}.")
  private ByteSize embeddingMemory = new ByteSize(1);

  @Option(
      names = "--drain",
      paramLabel = "SECONDS",
      defaultValue = "300",
      description =
          "How long the job at work may go on when told to stop. Default: ${DEFAULT-VALUE}.")
  private int drain;

  // Read by the settings, through the model of the command.
  @SuppressWarnings("UnusedVariable")
  @Mixin
  private ConfigOption config = new ConfigOption();

  @Mixin private SupervisedOption supervised = new SupervisedOption();

  @Override
  public Integer call() throws InterruptedException {
    DenoiserConfig settings = settings();
    Foreground foreground = Foreground.enter(supervised);
    try (DenoiserProcess worker = DenoiserProcess.start(settings);
        AttachmentNotice _ =
            AttachmentNotice.start(worker::isAttached, settings, spec.commandLine().getOut())) {
      var _ = worker.lost().thenAccept(foreground::fail);
      foreground.awaitStop();
    }
    return ExitCode.OK;
  }

  private DenoiserConfig settings() {
    String id = Objects.requireNonNullElse(workerId, "denoiser-" + ProcessHandle.current().pid());
    if (!id.matches(ID)) {
      throw new ParameterException(
          spec.commandLine(),
          "--worker-id: " + id + " (expected: up to 100 letters, digits, dots and hyphens)");
    }
    return new DenoiserConfig(
        model.path(),
        model.dtype(),
        model.device(),
        gateway.target(),
        id,
        new DenoiserConfig.Limits(
            embeddingMemory.bytes(),
            new Range(1, Integer.MAX_VALUE).check(spec, "--max-pixels", maxPixels),
            activationMemory.bytes(),
            Duration.ofSeconds(DRAIN.check(spec, "--drain", drain))));
  }
}
