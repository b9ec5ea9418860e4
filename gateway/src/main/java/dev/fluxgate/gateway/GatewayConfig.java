package dev.fluxgate.gateway;

import dev.fluxgate.gateway.embedding.EncoderGuard;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.upsample.ChatEndpoint;
import dev.fluxgate.gateway.worker.LeaseTimes;
import dev.fluxgate.gateway.worker.RetryPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of a gateway.
 *
 * @param addresses where it listens
 * @param encoders "host:port" of each; of two that suit a model the first is asked
 * @param data folder for pictures, used by this gateway alone; null keeps them in memory
 * @param memory what may be held
 * @param queue what may wait
 * @param encoderCalls how the encoder is called
 * @param leases how long workers may be silent
 * @param retries what becomes of jobs that failed
 * @param upsampler chat endpoint that rewrites prompts; null for none
 */
public record GatewayConfig(
    Addresses addresses,
    List<String> encoders,
    @Nullable Path data,
    Memory memory,
    Queue queue,
    EncoderCalls encoderCalls,
    LeaseTimes leases,
    RetryPolicy retries,
    @Nullable ChatEndpoint upsampler) {
  /** Least bytes of the embedding cache: some embeddings of the largest model. */
  public static final long SMALLEST_CACHE = 64L << 20;

  /**
   * Where it listens.
   *
   * @param host interface, for both
   * @param grpcPort of users and workers; 0 takes any free one
   * @param httpPort of users; 0 takes any free one, null offers no HTTP
   */
  public record Addresses(String host, int grpcPort, @Nullable Integer httpPort) {
    private static final int MAX_PORT = 65_535;

    /** Checks the ports. */
    public Addresses {
      require(grpcPort >= 0 && grpcPort <= MAX_PORT, "grpcPort: " + grpcPort, "0.." + MAX_PORT);
      require(
          httpPort == null || (httpPort >= 0 && httpPort <= MAX_PORT),
          "httpPort: " + httpPort,
          "0.." + MAX_PORT);
    }
  }

  /**
   * What may be held.
   *
   * @param embeddingCacheBytes embeddings beside those that jobs in the queue hold
   * @param imageBytes pictures
   * @param inputs what requests bring
   * @param endedJobs jobs that have ended and are remembered
   * @param cacheSalt enters every key of the embedding cache; empty unless tenants must be kept
   *     apart
   */
  public record Memory(
      long embeddingCacheBytes,
      long imageBytes,
      InputStore.Limits inputs,
      int endedJobs,
      String cacheSalt) {
    private static final long INPUT_BYTES = 64L << 20;
    private static final Duration IDLE = Duration.ofHours(1);

    /** As many bytes of inputs as of pictures, 64 MiB each, of which idle ones stay an hour. */
    public Memory(long embeddingCacheBytes, long imageBytes, int endedJobs, String cacheSalt) {
      this(
          embeddingCacheBytes,
          imageBytes,
          new InputStore.Limits(imageBytes, INPUT_BYTES, IDLE),
          endedJobs,
          cacheSalt);
    }
  }

  /**
   * What may wait.
   *
   * @param jobs number; each may hold an embedding
   * @param cost pixels times steps
   * @param jobLimit from acceptance to the deadline of a job
   */
  public record Queue(int jobs, long cost, Duration jobLimit) {}

  /**
   * How the encoder is called.
   *
   * @param timeout of one attempt at one prompt
   * @param concurrent most prompts at the encoder at once
   * @param policy how calls are tried again
   * @param isPatient whether jobs wait for an encoder that is away, as long as they live; else they
   *     fail
   */
  public record EncoderCalls(
      Duration timeout, int concurrent, EncoderGuard.Policy policy, boolean isPatient) {}

  /** Checks what would make jobs fail one by one. */
  public GatewayConfig {
    encoders = List.copyOf(encoders);
    require(!encoders.isEmpty(), "encoders: none", "at least 1");
    require(
        memory.embeddingCacheBytes() >= SMALLEST_CACHE,
        "embeddingCacheBytes: " + memory.embeddingCacheBytes(),
        "at least " + SMALLEST_CACHE);
    require(queue.jobs() >= 1, "queue.jobs: " + queue.jobs(), "at least 1");
    require(
        leases.lease().compareTo(leases.heartbeat()) > 0,
        "lease: " + leases.lease(),
        "longer than the heartbeat of " + leases.heartbeat());
  }

  /**
   * The defaults: gRPC alone, everything in memory, 256 MiB of embeddings, 512 MiB of pictures, 256
   * jobs that wait.
   */
  public static GatewayConfig standard(String host, int grpcPort, String... encoders) {
    return new GatewayConfig(
        new Addresses(host, grpcPort, null),
        List.of(encoders),
        null,
        new Memory(256L << 20, 512L << 20, 10_000, ""),
        // A day of one picture of a megapixel and 50 steps a minute.
        new Queue(256, (24L * 60 * 50) << 20, Duration.ofHours(1)),
        new EncoderCalls(Duration.ofSeconds(120), 16, EncoderGuard.Policy.STANDARD, true),
        LeaseTimes.STANDARD,
        new RetryPolicy(3, Duration.ofSeconds(1)),
        null);
  }

  /** The same, offering HTTP at {@code port} as well. */
  public GatewayConfig withHttpPort(int port) {
    Addresses both = new Addresses(addresses.host(), addresses.grpcPort(), port);
    return new GatewayConfig(
        both, encoders, data, memory, queue, encoderCalls, leases, retries, upsampler);
  }

  /** The same, keeping up to 8 GiB of pictures in {@code folder} in place of memory. */
  public GatewayConfig withData(Path folder) {
    Memory larger =
        new Memory(memory.embeddingCacheBytes(), 8L << 30, memory.endedJobs(), memory.cacheSalt());
    return new GatewayConfig(
        addresses, encoders, folder, larger, queue, encoderCalls, leases, retries, upsampler);
  }

  /** The same where nothing is tried again: encoder and worker end with the gateway. */
  public GatewayConfig withoutRetries() {
    EncoderGuard.Policy policy = encoderCalls.policy();
    EncoderCalls once =
        new EncoderCalls(
            encoderCalls.timeout(),
            encoderCalls.concurrent(),
            new EncoderGuard.Policy(1, policy.firstDelay(), policy.openFor()),
            false);
    return new GatewayConfig(
        addresses,
        encoders,
        data,
        memory,
        queue,
        once,
        leases,
        new RetryPolicy(1, Duration.ZERO),
        upsampler);
  }

  /** The same, with a chat endpoint that rewrites prompts; null for none. */
  public GatewayConfig withUpsampler(@Nullable ChatEndpoint endpoint) {
    return new GatewayConfig(
        addresses, encoders, data, memory, queue, encoderCalls, leases, retries, endpoint);
  }

  private static void require(boolean holds, String value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(value + " (expected: " + expected + ")");
    }
  }
}
