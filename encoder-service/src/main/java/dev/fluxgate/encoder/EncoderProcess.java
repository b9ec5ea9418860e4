package dev.fluxgate.encoder;

import dev.fluxgate.encoder.batch.EncodeBatcher;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.rpc.TextEncoderEndpoint;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.choice.OpenedBackend;
import dev.fluxgate.engine.backend.failure.BackendLostException;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.serving.GrpcServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Composition root: back end → model → batcher → endpoint → server, closed in reverse. */
public final class EncoderProcess implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EncoderProcess.class);

  /** What to close, the last opened first. */
  private final Deque<Runnable> closers = new ArrayDeque<>();

  private final EncodeBatcher batcher;
  private final GrpcServer server;

  private EncoderProcess(EncoderConfig config) {
    EncoderConfig.Limits limits = config.limits();
    boolean complete = false;
    try {
      OpenedBackend opened = BackendChoice.of(config.device()).open(config.dtype());
      Backend backend = opened.backend();
      closers.push(backend::close);
      ModelFolder folder = ModelFolder.open(config.model());
      EncoderModel model =
          EncoderModel.load(folder, backend, config.dtype(), ModelHash.withUserCache());
      closers.push(model::close);
      batcher =
          new EncodeBatcher(model.pipeline()::encode, limits.queueCapacity(), limits.maxBatch());
      closers.push(batcher::close);
      TextEncoderEndpoint endpoint =
          new TextEncoderEndpoint(model, batcher, longest(limits, model), limits.maxCalls());
      server =
          GrpcServer.start(
              config.host(), config.port(), TextEncoderEndpoint.statuses(), List.of(endpoint));
      closers.push(server::close);
      // First of all to end: those who wait are told that the encoder stops, not that it hung up.
      closers.push(() -> {
        server.serving(false);
        batcher.close();
      });
      LOG.info(
          "{} encoder on {} ({})",
          model.identity().family(),
          backend.description(),
          opened.reason());
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  /**
   * Loads the model and serves it.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the folder is no FLUX model
   * @throws java.io.UncheckedIOException if the address cannot be listened at
   */
  public static EncoderProcess start(EncoderConfig config) {
    return new EncoderProcess(config);
  }

  /** Completes if the device is lost: this encoder can only be closed then. */
  public CompletableFuture<BackendLostException> lost() {
    return batcher.lost();
  }

  /** The port in use. */
  public int port() {
    return server.port();
  }

  /** Refuses who waits, finishes what is computed, and frees everything. Twice is harmless. */
  @Override
  public void close() {
    while (!closers.isEmpty()) {
      closers.pop().run();
    }
  }

  private static int longest(EncoderConfig.Limits limits, EncoderModel model) {
    return Math.min(limits.maxSequenceLength(), model.sizes().maxSequenceLengthLimit());
  }
}
