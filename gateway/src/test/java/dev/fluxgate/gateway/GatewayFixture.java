package dev.fluxgate.gateway;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.embedding.EncoderGuard;
import dev.fluxgate.gateway.worker.LeaseTimes;
import dev.fluxgate.gateway.worker.RetryPolicy;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.CancelJobRequest;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.GetJobRequest;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** A gateway on loopback with an encoder behind it, under a clock of its own, and a user. */
final class GatewayFixture implements AutoCloseable {
  static final int MAX_QUEUED = 4;

  final SettableClock clock = new SettableClock();
  final FakeEncoder encoder = new FakeEncoder();
  final GatewayProcess process;
  private final ManagedChannel channel;
  private final ImageGenerationServiceBlockingStub user;

  GatewayFixture() {
    this(false);
  }

  /** A gateway that takes a worker's silence for consent after {@code answer}. */
  GatewayFixture(Duration answer) {
    this(false, answer);
  }

  /**
   * A gateway with further encoders, which waits for workers' answers however slow the machine is.
   *
   * @param isPatient whether jobs wait for an encoder that is away
   */
  GatewayFixture(boolean isPatient, String... moreEncoders) {
    this(isPatient, Duration.ofMinutes(1), moreEncoders);
  }

  private GatewayFixture(boolean isPatient, Duration answer, String... moreEncoders) {
    List<String> encoders = new ArrayList<>(List.of(encoder.target()));
    encoders.addAll(List.of(moreEncoders));
    process =
        GatewayProcess.start(
            new GatewayConfig(
                new GatewayConfig.Addresses("127.0.0.1", 0, 0),
                encoders,
                null,
                new GatewayConfig.Memory(64L << 20, 64L << 20, 100, ""),
                new GatewayConfig.Queue(MAX_QUEUED, Long.MAX_VALUE, Duration.ofHours(1)),
                new GatewayConfig.EncoderCalls(
                    Duration.ofSeconds(30),
                    4,
                    new EncoderGuard.Policy(
                        3,
                        Duration.ofMillis(1),
                        isPatient ? Duration.ofMillis(1) : Duration.ofHours(1)),
                    isPatient),
                new LeaseTimes(
                    LeaseTimes.STANDARD.heartbeat(),
                    LeaseTimes.STANDARD.lease(),
                    LeaseTimes.STANDARD.reconnect(),
                    answer),
                new RetryPolicy(3, Duration.ofSeconds(1)),
                null),
            clock);
    channel = GrpcChannels.open("127.0.0.1:" + process.port());
    user = ImageGenerationServiceGrpc.newBlockingStub(channel);
  }

  int port() {
    return process.port();
  }

  Job create(String requestId, String prompt) {
    return create(requestId, GenerationParameters.newBuilder().setPrompt(prompt).build());
  }

  Job create(String requestId, GenerationParameters parameters) {
    return user.createJob(
            CreateJobRequest.newBuilder().setRequestId(requestId).setParameters(parameters).build())
        .getJob();
  }

  ImageGenerationServiceBlockingStub user() {
    return user;
  }

  /** Waits until the gateway has seen that all but so many workers have left. */
  void awaitAttached(int workers) throws InterruptedException {
    while (process.workers().attachedWith(FakeWorker.MODEL_HASH) != workers) {
      Thread.sleep(1);
    }
  }

  Job get(String id) {
    return user.getJob(GetJobRequest.newBuilder().setId(id).build()).getJob();
  }

  Job cancel(String id) {
    return user.cancelJob(CancelJobRequest.newBuilder().setId(id).build()).getJob();
  }

  Iterator<WatchJobResponse> watch(String id, long after) {
    return user.watchJob(WatchJobRequest.newBuilder().setId(id).setAfterSequence(after).build());
  }

  /** Watches until the job is in this state. */
  Job await(String id, JobState state) {
    Job last = Job.getDefaultInstance();
    for (Iterator<WatchJobResponse> watch = watch(id, 0); watch.hasNext(); ) {
      last = watch.next().getJob();
      if (last.getState() == state) {
        return last;
      }
    }
    throw new AssertionError("ended as " + last + ", expected " + state);
  }

  ByteString download(String id, int index, long offset) {
    List<ByteString> parts = new ArrayList<>();
    user.downloadImage(
            DownloadImageRequest.newBuilder().setId(id).setIndex(index).setOffset(offset).build())
        .forEachRemaining(message -> parts.add(message.getData()));
    return ByteString.copyFrom(parts);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    process.close();
    encoder.close();
  }
}
