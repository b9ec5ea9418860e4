package dev.fluxgate.gateway;

import dev.fluxgate.gateway.admission.AdmissionControl;
import dev.fluxgate.gateway.data.DataFolder;
import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.embedding.EncoderPool;
import dev.fluxgate.gateway.event.JobEvents;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.generate.JobEmbedding;
import dev.fluxgate.gateway.generate.PromptEmbedding;
import dev.fluxgate.gateway.generate.PromptRewriting;
import dev.fluxgate.gateway.generate.Upsamplers;
import dev.fluxgate.gateway.http.HttpFront;
import dev.fluxgate.gateway.http.rpc.GrpcEndpoint;
import dev.fluxgate.gateway.image.DirectoryImageStore;
import dev.fluxgate.gateway.image.InMemoryImageStore;
import dev.fluxgate.gateway.input.DirectoryInputBytes;
import dev.fluxgate.gateway.input.HeapInputBytes;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.JobStore;
import dev.fluxgate.gateway.job.memory.InMemoryJobStore;
import dev.fluxgate.gateway.metric.GatewayMetrics;
import dev.fluxgate.gateway.rpc.FailureCodec;
import dev.fluxgate.gateway.rpc.ImageGenerationEndpoint;
import dev.fluxgate.gateway.rpc.TextEncoderClient;
import dev.fluxgate.gateway.rpc.WorkerPlaneEndpoint;
import dev.fluxgate.gateway.watch.JobWatches;
import dev.fluxgate.gateway.worker.LeaseSweeper;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** A running gateway: the one place that sees all its parts. */
public final class GatewayProcess implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofSeconds(1);
  private static final Duration SWEEP_PERIOD = Duration.ofSeconds(1);

  /** What to close, the last started first. */
  private final Deque<Runnable> parts = new ArrayDeque<>();

  private final EmbeddingCache embeddings;
  private final WorkerPool workers;
  private final GrpcServer server;
  private final @Nullable HttpFront http;

  private GatewayProcess(GatewayConfig config, Clock clock, @Nullable Upsamplers given) {
    boolean complete = false;
    try {
      JobEvents events = new JobEvents();
      GatewayConfig.Memory memory = config.memory();
      JobStore jobs = new InMemoryJobStore(clock, memory.endedJobs(), events::publish);
      ImageGeneration.Blobs blobs = blobs(config, clock);
      embeddings = new EmbeddingCache(memory.embeddingCacheBytes());
      EncoderPool encoders = encoders(config);
      Upsamplers upsamplers = given == null ? upsamplers(config, encoders) : given;
      workers = new WorkerPool(jobs, events, config.leases(), config.retries(), clock);
      events.listen(workers::onChange);
      PromptEmbedding prompts =
          new PromptEmbedding(embeddings, encoders, blobs.inputs(), memory.cacheSalt());
      AdmissionControl admission =
          new AdmissionControl(config.queue().jobs(), config.queue().cost());
      ImageGeneration generation =
          new ImageGeneration(
              jobs,
              blobs,
              prompts,
              workers,
              admission,
              embedding(config, jobs, new PromptRewriting(upsamplers, blobs.inputs()), prompts),
              new ImageGeneration.Lifetime(clock, config.queue().jobLimit()));
      events.listen(generation::onChange);
      LeaseSweeper sweeper = LeaseSweeper.start(workers, SWEEP_PERIOD);
      parts.push(sweeper::close);
      GatewayMetrics metrics = new GatewayMetrics(embeddings, jobs, admission, workers);
      parts.push(metrics::close);
      events.listen(metrics::onChange);
      StatusMapping statuses = FailureCodec.table();
      JobWatches watches = new JobWatches(generation, events);
      ImageGenerationEndpoint users = new ImageGenerationEndpoint(generation, watches);
      server =
          GrpcServer.start(
              config.addresses().host(),
              config.addresses().grpcPort(),
              statuses,
              List.of(users, new WorkerPlaneEndpoint(workers, embeddings, blobs, clock)));
      parts.push(server::close);
      parts.push(() -> server.drain(DRAIN));
      http =
          http(
              config.addresses(),
              new HttpFront.Backing(
                  generation,
                  watches,
                  metrics,
                  statuses,
                  new GrpcEndpoint(List.of(users), statuses)));
      complete = true;
    } finally {
      if (!complete) {
        close();
      }
    }
  }

  private Upsamplers upsamplers(GatewayConfig config, EncoderPool encoders) {
    ConfiguredUpsamplers upsamplers = new ConfiguredUpsamplers(config, encoders::canUpsample);
    parts.push(upsamplers::close);
    return upsamplers;
  }

  private JobEmbedding embedding(
      GatewayConfig config, JobStore jobs, PromptRewriting rewriting, PromptEmbedding prompts) {
    ExecutorService encoding = Executors.newVirtualThreadPerTaskExecutor();
    parts.push(encoding::shutdownNow);
    return new JobEmbedding(
        jobs, rewriting, prompts, workers, encoding, config.encoderCalls().isPatient());
  }

  private @Nullable HttpFront http(GatewayConfig.Addresses addresses, HttpFront.Backing backing) {
    Integer port = addresses.httpPort();
    if (port == null) {
      return null;
    }
    HttpFront front = HttpFront.start(addresses.host(), port, backing);
    parts.push(front::close);
    return front;
  }

  private ImageGeneration.Blobs blobs(GatewayConfig config, Clock clock) {
    Path folder = config.data();
    long maxBytes = config.memory().imageBytes();
    InputStore.Limits limits = config.memory().inputs();
    if (folder == null) {
      return new ImageGeneration.Blobs(
          new InMemoryImageStore(maxBytes), new InputStore(new HeapInputBytes(), limits, clock));
    }
    DataFolder data = DataFolder.open(folder);
    parts.push(data::close);
    return new ImageGeneration.Blobs(
        new DirectoryImageStore(data.images(), maxBytes),
        new InputStore(new DirectoryInputBytes(data.inputs()), limits, clock));
  }

  private EncoderPool encoders(GatewayConfig config) {
    GatewayConfig.EncoderCalls calls = config.encoderCalls();
    TextEncoderClient.Calls each =
        new TextEncoderClient.Calls(calls.timeout(), calls.concurrent(), calls.policy());
    EncoderPool encoders =
        EncoderPool.start(
            config.encoders().stream().map(target -> new TextEncoderClient(target, each)).toList());
    parts.push(encoders::close);
    return encoders;
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
    return new GatewayProcess(config, clock, null);
  }

  static GatewayProcess start(GatewayConfig config, Clock clock, Upsamplers upsamplers) {
    return new GatewayProcess(config, clock, upsamplers);
  }

  /** The port in use. */
  public int port() {
    return server.port();
  }

  /** The port of HTTP in use; empty where none is offered. */
  public OptionalInt httpPort() {
    return http == null ? OptionalInt.empty() : OptionalInt.of(http.port());
  }

  /** Whether a worker has said what can be drawn. */
  public boolean hasWorker() {
    return !workers.models().isEmpty();
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
    while (!parts.isEmpty()) {
      parts.pop().run();
    }
  }
}
