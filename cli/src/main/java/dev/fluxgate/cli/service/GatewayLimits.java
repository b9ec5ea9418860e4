package dev.fluxgate.cli.service;

import dev.fluxgate.cli.option.ByteSize;
import dev.fluxgate.cli.option.Range;
import dev.fluxgate.gateway.GatewayConfig;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a gateway may hold and let wait. */
final class GatewayLimits {
  private static final Range JOBS = new Range(1, 1_000_000);
  private static final Range SECONDS = new Range(1, 30 * 86_400);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--embedding-cache",
      paramLabel = "SIZE",
      defaultValue = "256M",
      description = "Memory for embeddings of earlier prompts. Default: ${DEFAULT-VALUE}.")
  private ByteSize embeddingCache = new ByteSize(1);

  @Option(
      names = "--image-memory",
      paramLabel = "SIZE",
      defaultValue = "512M",
      description = "Memory for finished pictures. Default: ${DEFAULT-VALUE}.")
  private ByteSize imageMemory = new ByteSize(1);

  @Option(
      names = "--ended-jobs",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Jobs that have ended and are remembered. Default: ${DEFAULT-VALUE}.")
  private int endedJobs;

  @Option(
      names = "--max-jobs",
      paramLabel = "N",
      defaultValue = "256",
      description = "Most jobs that wait; more are refused. Default: ${DEFAULT-VALUE}.")
  private int maxJobs;

  @Option(
      names = "--job-limit",
      paramLabel = "SECONDS",
      defaultValue = "3600",
      description = "From acceptance until a job expires. Default: ${DEFAULT-VALUE}.")
  private int jobLimit;

  @Option(
      names = "--encoder-timeout",
      paramLabel = "SECONDS",
      defaultValue = "120",
      description = "For one attempt to encode a prompt. Default: ${DEFAULT-VALUE}.")
  private int encoderTimeout;

  /** {@code standard} with these. */
  GatewayConfig of(GatewayConfig standard) {
    if (embeddingCache.bytes() < GatewayConfig.SMALLEST_CACHE) {
      throw new ParameterException(
          spec.commandLine(),
          "--embedding-cache: " + embeddingCache.bytes() + " bytes (expected: at least 64M)");
    }
    GatewayConfig.EncoderCalls calls = standard.encoderCalls();
    return new GatewayConfig(
        standard.addresses(),
        standard.encoders(),
        standard.data(),
        new GatewayConfig.Memory(
            embeddingCache.bytes(),
            imageMemory.bytes(),
            JOBS.check(spec, "--ended-jobs", endedJobs),
            standard.memory().cacheSalt()),
        new GatewayConfig.Queue(
            JOBS.check(spec, "--max-jobs", maxJobs),
            standard.queue().cost(),
            Duration.ofSeconds(SECONDS.check(spec, "--job-limit", jobLimit))),
        new GatewayConfig.EncoderCalls(
            Duration.ofSeconds(SECONDS.check(spec, "--encoder-timeout", encoderTimeout)),
            calls.concurrent(),
            calls.policy(),
            calls.isPatient()),
        standard.leases(),
        standard.retries(),
        standard.upsampler());
  }
}
