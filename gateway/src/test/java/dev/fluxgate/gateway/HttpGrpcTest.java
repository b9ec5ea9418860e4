package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.GetJobRequest;
import dev.fluxgate.v1.GetJobResponse;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceBlockingStub;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.RunJobRequest;
import dev.fluxgate.v1.WatchJobRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status.Code;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** gRPC and gRPC-Web on the HTTP port. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HttpGrpcTest {
  private static final ByteString PNG = TestPng.of(64, 32, 2_500_000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final HttpUser web = new HttpUser(gateway);
  private ManagedChannel channel;
  private ImageGenerationServiceBlockingStub user;

  @BeforeEach
  void dial() {
    channel = GrpcChannels.open("127.0.0.1:" + gateway.process.httpPort().orElseThrow());
    user = ImageGenerationServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void close() {
    channel.shutdownNow();
    web.close();
    gateway.close();
  }

  private static GenerationParameters prompt(String prompt) {
    return GenerationParameters.newBuilder().setPrompt(prompt).build();
  }

  @Test
  void drawsWatchesAndDownloads() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id =
          user.createJob(CreateJobRequest.newBuilder().setParameters(prompt("a cat")).build())
              .getJob()
              .getId();
      worker.finish(worker.nextAssign(), PNG);
      List<JobState> states = new ArrayList<>();
      user.watchJob(WatchJobRequest.newBuilder().setId(id).build())
          .forEachRemaining(message -> states.add(message.getJob().getState()));
      assertThat(states).last().isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      List<ByteString> parts = new ArrayList<>();
      user.downloadImage(DownloadImageRequest.newBuilder().setId(id).build())
          .forEachRemaining(message -> parts.add(message.getData()));
      assertThat(ByteString.copyFrom(parts)).isEqualTo(PNG);
    }
  }

  @Test
  void mapsExceptionsAsTheGrpcPortDoes() throws Exception {
    Failure missing =
        Failure.ofCall(
            catchThrowable(() -> user.getJob(GetJobRequest.newBuilder().setId("x").build())));
    assertThat(missing.code()).isEqualTo(Code.NOT_FOUND);
    assertThat(missing.reason()).isEqualTo("JOB_NOT_FOUND");
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      GenerationParameters odd = prompt("p").toBuilder().setWidth(17).build();
      Failure invalid =
          Failure.ofCall(
              catchThrowable(
                  () -> user.createJob(CreateJobRequest.newBuilder().setParameters(odd).build())));
      assertThat(invalid.code()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(invalid.violations().getFirst().field()).isEqualTo("parameters.width");
    }
  }

  @Test
  void cancelsWhenTheCallerHangsUpOrItsDeadlinePasses() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      RunJobRequest request = RunJobRequest.newBuilder().setParameters(prompt("a cat")).build();
      Assign assign;
      try (Context.CancellableContext call = Context.current().withCancellation()) {
        Context before = call.attach();
        var _ = user.runJob(request).next();
        call.detach(before);
        assign = worker.nextAssign();
        call.cancel(null);
      }
      assertThat(worker.next(MessageCase.CANCEL).getCancel().getLease())
          .isEqualTo(assign.getLease());
      worker.credit(1);
      Assign late = assignBeforeItsDeadline(worker, request);
      assertThat(worker.next(MessageCase.CANCEL).getCancel().getLease()).isEqualTo(late.getLease());
    }
  }

  /** Runs it with ever more time until it is too much for the deadline to come first. */
  private Assign assignBeforeItsDeadline(FakeWorker worker, RunJobRequest request)
      throws InterruptedException {
    AttachResponse said = null;
    for (int millis = 500; said == null; millis *= 2) {
      var _ = user.withDeadlineAfter(millis, TimeUnit.MILLISECONDS).runJob(request);
      said = worker.received.poll(2L * millis, TimeUnit.MILLISECONDS);
    }
    assertThat(said.hasAssign()).as(said.toString()).isTrue();
    return said.getAssign();
  }

  @Test
  void isHealthyAndSpeaksToTheWeb() throws Exception {
    ServingStatus status =
        HealthGrpc.newBlockingStub(channel)
            .check(
                HealthCheckRequest.newBuilder()
                    .setService(ImageGenerationServiceGrpc.SERVICE_NAME)
                    .build())
            .getStatus();
    assertThat(status).isEqualTo(ServingStatus.SERVING);
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      String id = gateway.create("", "a cat").getId();
      byte[] message = GetJobRequest.newBuilder().setId(id).build().toByteArray();
      ByteBuffer frame = ByteBuffer.allocate(5 + message.length).put((byte) 0);
      frame.putInt(message.length).put(message);
      HttpResponse<byte[]> answer =
          web.client()
              .send(
                  web.request(
                          "/" + ImageGenerationServiceGrpc.SERVICE_NAME + "/GetJob",
                          "content-type",
                          "application/grpc-web+proto")
                      .POST(BodyPublishers.ofByteArray(frame.array()))
                      .build(),
                  BodyHandlers.ofByteArray());
      ByteBuffer body = ByteBuffer.wrap(answer.body());
      assertThat(body.get()).isZero();
      ByteString job = ByteString.copyFrom(body.slice(5, body.getInt()));
      assertThat(GetJobResponse.parseFrom(job).getJob().getId()).isEqualTo(id);
    }
  }

  @Test
  void doesNotServeWorkersHere() throws Exception {
    FakeWorker worker = new FakeWorker(gateway.process.httpPort().orElseThrow());
    Failure failure = Failure.ofCall(worker.ended.get(20, TimeUnit.SECONDS));

    assertThat(failure.code()).isEqualTo(Code.UNIMPLEMENTED);
    worker.close();
  }
}
