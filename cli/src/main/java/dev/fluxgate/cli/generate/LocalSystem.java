package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.denoiser.DenoiserConfig;
import dev.fluxgate.denoiser.DenoiserProcess;
import dev.fluxgate.encoder.EncoderConfig;
import dev.fluxgate.encoder.EncoderProcess;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.gateway.GatewayConfig;
import dev.fluxgate.gateway.GatewayProcess;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** Encoder, gateway and one worker in this process, talking over gRPC on the loopback address. */
final class LocalSystem implements DrawingPlace {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int ANY_PORT = 0;

  /** The start script's run for a fast start loads what a gateway loads that users talk to. */
  private static final boolean TRAINING = Boolean.getBoolean("fluxgate.training");

  private static final long ATTACH_POLL_MILLIS = 2;
  private static final long ATTACH_LIMIT_NANOS = 30_000_000_000L;

  /** What to close, the last started first. */
  private final Deque<Runnable> parts = new ArrayDeque<>();

  private final GatewayProcess gateway;

  private LocalSystem(Path model, DType dtype, String device) throws InterruptedException {
    boolean complete = false;
    try {
      EncoderProcess encoder =
          EncoderProcess.start(EncoderConfig.of(model).withDtype(dtype).withDevice(device));
      parts.push(encoder::close);
      GatewayConfig settings =
          GatewayConfig.standard(LOOPBACK, ANY_PORT, LOOPBACK + ":" + encoder.port())
              .withoutRetries();
      gateway = GatewayProcess.start(TRAINING ? settings.withHttpPort(ANY_PORT) : settings);
      parts.push(gateway::close);
      DenoiserProcess denoiser =
          DenoiserProcess.start(
              new DenoiserConfig(
                  model, dtype, device, target(), "local", DenoiserConfig.Limits.STANDARD));
      parts.push(denoiser::close);
      awaitWorker();
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /**
   * Loads the model and starts everything.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the model cannot be loaded
   */
  static LocalSystem start(Path model, DType dtype, String device) throws InterruptedException {
    return new LocalSystem(model, dtype, device);
  }

  @Override
  public String target() {
    return LOOPBACK + ":" + gateway.port();
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      parts.pop().run();
    }
  }

  private void awaitWorker() throws InterruptedException {
    long start = System.nanoTime();
    while (!gateway.hasWorker()) {
      if (System.nanoTime() - start > ATTACH_LIMIT_NANOS) {
        throw new GenerationFailedException("the worker did not reach the gateway in 30 s");
      }
      Thread.sleep(ATTACH_POLL_MILLIS);
    }
  }
}
