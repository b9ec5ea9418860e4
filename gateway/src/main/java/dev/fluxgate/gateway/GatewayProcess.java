package dev.fluxgate.gateway;

import dev.fluxgate.gateway.admission.AdmissionControl;
import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.generate.PromptEmbedding;
import dev.fluxgate.gateway.image.ImageStore;
import dev.fluxgate.gateway.image.InMemoryImageStore;
import dev.fluxgate.gateway.job.InMemoryJobStore;
import dev.fluxgate.gateway.job.JobEvents;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.rpc.FailureCodec;
import dev.fluxgate.gateway.rpc.ImageGenerationEndpoint;
import dev.fluxgate.gateway.rpc.TextEncoderClient;
import dev.fluxgate.gateway.rpc.WorkerPlaneEndpoint;
import dev.fluxgate.gateway.watch.JobWatches;
import dev.fluxgate.gateway.worker.LeaseSweeper;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.serving.GrpcServer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A running gateway: the one place that sees all its parts. */
public final class GatewayProcess implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(1);
  private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);

  private final TextEncoderClient encoder;
  private final EmbeddingCache embeddings;
  private final WorkerPool workers;
  private final ExecutorService encoding = Executors.newVirtualThreadPerTaskExecutor();
  private final LeaseSweeper sweeper;
  private final GrpcServer server;

  private GatewayProcess(GatewayConfig config, Clock clock) {
    JobEvents events = new JobEvents();
    GatewayConfig.Memory memory = config.memory();
    GatewayConfig.EncoderCalls calls = config.encoderCalls();
    JobStore jobs = new InMemoryJobStore(clock, memory.endedJobs(), events::publish);
    ImageStore images = new InMemoryImageStore(memory.imageBytes());
    embeddings = new EmbeddingCache(memory.embeddingCacheBytes());
    encoder =
        new TextEncoderClient(
            config.encoders().getFirst(),
            new TextEncoderClient.Calls(calls.timeout(), calls.concurrent(), calls.policy()),
            clock);
    workers = new WorkerPool(jobs, events, config.leases(), config.retries());
    ImageGeneration generation =
        new ImageGeneration(
            jobs,
            images,
            new PromptEmbedding(embeddings, encoder, memory.cacheSalt()),
            workers,
            new AdmissionControl(config.queue().jobs(), config.queue().cost()),
            encoding,
            new ImageGeneration.Lifetime(clock, config.queue().jobLimit()));
    events.listen(generation::onChange);
    server =
        GrpcServer.start(
            config.addresses().host(),
            config.addresses().grpcPort(),
            FailureCodec.table(),
            List.of(
                new ImageGenerationEndpoint(generation, new JobWatches(generation, events)),
                new WorkerPlaneEndpoint(workers, embeddings, images, clock)));
    sweeper = LeaseSweeper.start(workers, SWEEP_PERIOD);
  }

  /**
   * Starts a gateway. Encoder and workers may come later.
   *
   * @throws java.io.UncheckedIOException if the address cannot be listened at
   */
  public static GatewayProcess start(GatewayConfig config) {
    return start(config, Clock.systemUTC());
  }

  static GatewayProcess start(GatewayConfig config, Clock clock) {
    return new GatewayProcess(config, clock);
  }

  /** The port in use. */
  public int port() {
    return server.port();
  }

  /** Whether a worker has said what can be drawn. */
  public boolean hasWorker() {
    return workers.model().isPresent();
  }

  EmbeddingCache embeddings() {
    return embeddings;
  }

  WorkerPool workers() {
    return workers;
  }

  /** Lets running calls finish for a moment, then ends everything. */
  @Override
  public void close() {
    server.drain(DRAIN);
    server.close();
    sweeper.close();
    encoding.shutdownNow();
    encoder.close();
  }
}
