package dev.fluxgate.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.TextEncoderServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.BlockingClientCall;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GrpcServerTest {
  private static final String HOST = "127.0.0.1";

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answersAFailureWithItsFields(boolean thrown) {
    InvalidFieldException failure =
        new InvalidFieldException("parameters.width", "width: 17 (expected: a multiple of 16)");

    Failure seen = describeAgainst(new ScriptedEncoder(failure, thrown));

    assertThat(seen)
        .isEqualTo(
            new Failure(
                Status.Code.INVALID_ARGUMENT,
                "INVALID_FIELD",
                "width: 17 (expected: a multiple of 16)",
                failure.violations(),
                null));
  }

  @Test
  void answersAFullQueueWithWhenToTryAgain() {
    Duration later = Duration.ofMillis(2_500);

    Failure seen =
        describeAgainst(
            new ScriptedEncoder(new QueueFullException("queue: 8 (expected: 7)", later), true));

    assertThat(seen.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(seen.reason()).isEqualTo("QUEUE_FULL");
    assertThat(seen.retryAfter()).isEqualTo(later);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void keepsTheDetailsOfAnUnknownFailureToItself(boolean thrown) {
    Failure seen =
        describeAgainst(new ScriptedEncoder(new IllegalStateException("s3cr3t"), thrown));

    assertThat(seen.code()).isEqualTo(Status.Code.INTERNAL);
    assertThat(seen.reason()).isEqualTo("INTERNAL");
    assertThat(seen.message()).doesNotContain("s3cr3t").contains("log");
  }

  @Test
  void answersARequestAboveTheLimit() {
    try (GrpcServer server = start(new ScriptedEncoder())) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      Throwable thrown =
          catchThrowable(() ->
              TextEncoderServiceGrpc.newBlockingStub(channel)
                  .encode(EncodeRequest.newBuilder().setPrompt("x".repeat(5 << 20)).build())
                  .next());
      GrpcChannels.close(channel);

      assertThat(Failure.ofCall(thrown).code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }
  }

  @Test
  void leavesNoThreadBehind() throws InterruptedException {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    List<Thread> byteMovers;
    try (GrpcServer server = start(new ScriptedEncoder())) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      TextEncoderServiceGrpc.newBlockingStub(channel)
          .encode(EncodeRequest.getDefaultInstance())
          .forEachRemaining(response -> {});
      byteMovers =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> !before.contains(thread))
              .filter(thread -> thread.getName().matches("grpc-(server|channel)-.*"))
              .toList();
      GrpcChannels.close(channel);
    }

    assertThat(byteMovers).hasSizeGreaterThanOrEqualTo(2);
    for (Thread mover : byteMovers) {
      // Told to end, it may still be on its way out of its last method.
      assertThat(mover.join(Duration.ofSeconds(30))).as(mover.getName()).isTrue();
    }
  }

  @Test
  void makesMessagesOnlyAsTheReaderTakesThem() throws Exception {
    ScriptedEncoder encoder = new ScriptedEncoder();
    try (GrpcServer server = start(encoder)) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      BlockingClientCall<?, EncodeResponse> call =
          TextEncoderServiceGrpc.newBlockingV2Stub(channel)
              .encode(EncodeRequest.getDefaultInstance());
      int received = 0;
      int mostAhead = 0;
      while (call.read() != null) {
        received++;
        mostAhead = Math.max(mostAhead, encoder.chunksMade.get() - received);
      }
      GrpcChannels.close(channel);

      assertThat(received).isEqualTo(ScriptedEncoder.CHUNKS);
      // The window of the channel, one message under way on either side, and one being read.
      assertThat(mostAhead).isLessThanOrEqualTo(12);
    }
  }

  @Test
  void drainsRunningCallsAndReportsItself() throws Exception {
    ScriptedEncoder encoder = new ScriptedEncoder();
    try (GrpcServer server = start(encoder)) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      HealthGrpc.HealthBlockingStub health = HealthGrpc.newBlockingStub(channel);
      HealthCheckRequest check =
          HealthCheckRequest.newBuilder().setService(TextEncoderServiceGrpc.SERVICE_NAME).build();
      assertThat(health.check(check).getStatus()).isEqualTo(ServingStatus.SERVING);
      server.serving(false);
      assertThat(health.check(check).getStatus()).isEqualTo(ServingStatus.NOT_SERVING);

      BlockingClientCall<?, EncodeResponse> running =
          TextEncoderServiceGrpc.newBlockingV2Stub(channel)
              .encode(EncodeRequest.newBuilder().setPrompt("wait").build());
      encoder.describing.await();
      CompletableFuture<Boolean> drained =
          CompletableFuture.supplyAsync(() -> server.drain(Duration.ofSeconds(30)));
      encoder.proceed.countDown();

      assertThat(running.read()).isNull();
      GrpcChannels.close(channel);
      assertThat(drained.get(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void cutsOffACallThatOutlastsItsGrace() throws Exception {
    ScriptedEncoder encoder = new ScriptedEncoder();
    try (GrpcServer server = start(encoder)) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      CompletableFuture<Throwable> outcome =
          CompletableFuture.supplyAsync(() ->
              catchThrowable(() ->
                  TextEncoderServiceGrpc.newBlockingStub(channel)
                      .encode(EncodeRequest.newBuilder().setPrompt("wait").build())
                      .hasNext()));
      encoder.describing.await();

      assertThat(server.drain(Duration.ZERO)).isFalse();
      assertThat(outcome.get(30, TimeUnit.SECONDS)).isInstanceOf(StatusRuntimeException.class);
      GrpcChannels.close(channel);
    }
  }

  @Test
  void namesAnAddressThatIsTaken() {
    try (GrpcServer server = start(new ScriptedEncoder())) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(
              () -> GrpcServer.start(HOST, server.port(), StatusMapping.standard(), List.of()))
          .withMessageStartingWith("address: 127.0.0.1:" + server.port());
    }
  }

  @Test
  void namesAHostThatIsNotKnown() {
    // Two dots in a row are no name: the answer waits for no server of names.
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> GrpcServer.start("no..such", 1, StatusMapping.standard(), List.of()))
        .withMessageStartingWith("address: no..such:1 (expected: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", ":9090", "localhost:", "localhost:http"})
  void refusesATargetWithoutPort(String target) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> GrpcChannels.open(target))
        .withMessage("target: " + target + " (expected: host:port)");
  }

  private static GrpcServer start(ScriptedEncoder encoder) {
    return GrpcServer.start(HOST, 0, StatusMapping.standard(), List.of(encoder));
  }

  private static Failure describeAgainst(ScriptedEncoder encoder) {
    try (GrpcServer server = start(encoder)) {
      ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + server.port());
      Throwable thrown =
          catchThrowable(() ->
              TextEncoderServiceGrpc.newBlockingStub(channel)
                  .describe(DescribeRequest.getDefaultInstance()));
      GrpcChannels.close(channel);
      return Failure.ofCall(thrown);
    }
  }
}
