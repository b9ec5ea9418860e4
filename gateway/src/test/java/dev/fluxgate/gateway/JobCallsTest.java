package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.ListJobsRequest;
import dev.fluxgate.v1.ListJobsResponse;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.PreviewReport;
import dev.fluxgate.v1.RunJobRequest;
import dev.fluxgate.v1.RunJobResponse;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.Context;
import io.grpc.Status.Code;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs that end with their call, lists, previews, deadlines, and an encoder that comes late. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class JobCallsTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);

  private GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void runsAJobToItsEndOnOneCall() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Iterator<RunJobResponse> run = run("a cat");
      worker.finish(worker.nextAssign(), PNG);

      List<JobState> states = new ArrayList<>();
      run.forEachRemaining(message -> states.add(message.getJob().getState()));
      assertThat(states).last().isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void cancelsAJobWhoseCallerHangsUp() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      try (Context.CancellableContext call = Context.current().withCancellation()) {
        Context before = call.attach();
        String id = run("a cat").next().getJob().getId();
        call.detach(before);
        Assign assign = worker.nextAssign();
        call.cancel(null);

        assertThat(worker.next(MessageCase.CANCEL).getCancel().getLease())
            .isEqualTo(assign.getLease());
        worker.nack(assign.getLease(), dev.fluxgate.v1.NackReason.NACK_REASON_CANCELLED);
        assertThat(gateway.await(id, JobState.JOB_STATE_CANCELLED).getId()).isEqualTo(id);
      }
    }
  }

  @Test
  void listsTheNewestFirstPageByPage() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        ids.addFirst(gateway.create("", "cat " + i).getId());
      }
      gateway.cancel(ids.get(1));

      ListJobsResponse first = list(ListJobsRequest.newBuilder().setPageSize(2));
      ListJobsResponse rest =
          list(ListJobsRequest.newBuilder().setPageToken(first.getNextPageToken()));
      assertThat(first.getJobsList()).extracting(Job::getId).isEqualTo(ids.subList(0, 2));
      assertThat(rest.getJobsList()).extracting(Job::getId).isEqualTo(ids.subList(2, 3));
      assertThat(rest.getNextPageToken()).isEmpty();
      assertThat(
              list(ListJobsRequest.newBuilder().addStates(JobState.JOB_STATE_CANCELLED))
                  .getJobsList())
          .extracting(Job::getId)
          .containsExactly(ids.get(1));
    }
  }

  @Test
  void refusesAListThatCannotBe() {
    assertRefused(
        "page_size: 1001 (expected: 1..1000)", ListJobsRequest.newBuilder().setPageSize(1001));
    assertRefused(
        "page_token: x (expected: next_page_token of the page before)",
        ListJobsRequest.newBuilder().setPageToken("x"));
    assertRefused(
        "states: UNRECOGNIZED (expected: JOB_STATE_QUEUED and its like)",
        ListJobsRequest.newBuilder().addStatesValue(77));
  }

  @Test
  void showsPreviewsToWhoWantsThem() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      Iterator<WatchJobResponse> watch =
          gateway.user().watchJob(WatchJobRequest.newBuilder().setId(id).setPreviews(true).build());
      Job running = watch.next().getJob();
      ByteString small = TestPng.of(8, 4, 100);
      worker.send(preview(assign, small, 8));

      WatchJobResponse next = watch.next();
      while (!next.hasPreview()) {
        next = watch.next();
      }
      assertThat(next.getPreview().getData()).isEqualTo(small);
      assertThat(next.getPreview().getStep()).isEqualTo(2);
      assertThat(next.getJob().getId()).isEqualTo(running.getId());
    }
  }

  @Test
  void refusesAPreviewThatIsNoPicture() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      worker.send(preview(assign, TestPng.of(8, 4, 100), 9));

      assertThat(Failure.ofCall(worker.ended.get()).message())
          .isEqualTo("data: image/png (expected: image/png of 9 x 4)");
    }
  }

  @Test
  void refusesToWatchFromWhatHasNotBeen() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      String id = gateway.create("", "a cat").getId();

      Failure failure = Failure.ofCall(catchThrowable(() -> gateway.watch(id, 1000).next()));
      assertThat(failure.code()).isEqualTo(Code.OUT_OF_RANGE);
      assertThat(failure.message()).startsWith("after_sequence: 1000 (expected: 0..");
    }
  }

  @Test
  void tellsTheWorkerHowMuchTimeAJobHas() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      create(Duration.newBuilder().setSeconds(60).build());
      assertThat(worker.nextAssign().getDeadlineMillis()).isBetween(1L, 60_000L);

      Failure tooLong =
          Failure.ofCall(
              catchThrowable(() -> create(Duration.newBuilder().setSeconds(3601).build())));
      assertThat(tooLong.message())
          .isEqualTo("timeout: 3601000 ms (expected: above 0, at most 3600000 ms)");
    }
  }

  @Test
  void waitsForAnEncoderThatIsAway() throws Exception {
    gateway.close();
    gateway = new GatewayFixture(true);
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "known now");
      worker.nextAssign();
      String target = gateway.encoder.target();
      gateway.encoder.close();
      worker.credit(1);
      String id = gateway.create("", "a cat").getId();
      assertThat(gateway.get(id).getState()).isEqualTo(JobState.JOB_STATE_QUEUED);

      try (FakeEncoder _ =
          new FakeEncoder(Integer.parseInt(target.substring(target.indexOf(':') + 1)))) {
        assertThat(worker.nextAssign().getLease().getJobId()).isEqualTo(id);
      }
    }
  }

  private Iterator<RunJobResponse> run(String prompt) {
    return gateway
        .user()
        .runJob(
            RunJobRequest.newBuilder()
                .setParameters(GenerationParameters.newBuilder().setPrompt(prompt))
                .build());
  }

  private void create(Duration timeout) {
    gateway
        .user()
        .createJob(
            CreateJobRequest.newBuilder()
                .setParameters(GenerationParameters.newBuilder().setPrompt("a cat"))
                .setTimeout(timeout)
                .build());
  }

  private ListJobsResponse list(ListJobsRequest.Builder request) {
    return gateway.user().listJobs(request.build());
  }

  private void assertRefused(String message, ListJobsRequest.Builder request) {
    Failure failure = Failure.ofCall(catchThrowable(() -> list(request)));
    assertThat(failure.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(failure.message()).isEqualTo(message);
  }

  private static AttachRequest preview(Assign assign, ByteString file, int width) {
    return AttachRequest.newBuilder()
        .setPreview(
            PreviewReport.newBuilder()
                .setLease(assign.getLease())
                .setPreview(
                    Preview.newBuilder()
                        .setStep(2)
                        .setMediaType("image/png")
                        .setData(file)
                        .setWidth(width)
                        .setHeight(4)))
        .build();
  }
}
