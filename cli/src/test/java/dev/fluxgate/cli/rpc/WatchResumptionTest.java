package dev.fluxgate.cli.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.job.JobObserver;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Watches whose streams break, on a gateway that breaks them as a test wants. */
class WatchResumptionTest {
  private static final JobWatchClient.Patience SHORT =
      new JobWatchClient.Patience(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(9));

  private final BreakingGateway gateway = new BreakingGateway();
  private final ServedGateway server = new ServedGateway(gateway);
  private final ImageGenerationClient client = ImageGenerationClient.dial(server.address(), SHORT);

  @AfterEach
  void closes() {
    client.close();
    server.close();
  }

  @Test
  void goesOnAfterTheLastChangeSeen() throws InterruptedException {
    gateway.streams.add(answer -> {
      answer.onNext(change(1, JobState.JOB_STATE_RUNNING));
      answer.onNext(change(4, JobState.JOB_STATE_RUNNING));
      answer.onError(Status.UNAVAILABLE.asRuntimeException());
    });
    gateway.streams.add(answer -> answer.onError(Status.UNAVAILABLE.asRuntimeException()));
    gateway.streams.add(StreamObserver::onCompleted);
    gateway.streams.add(answer -> {
      answer.onNext(change(9, JobState.JOB_STATE_SUCCEEDED));
      answer.onCompleted();
    });
    List<Long> seen = new ArrayList<>();

    Job ended = client.watch("job", false, job -> seen.add(job.getSequence()));

    assertThat(seen).containsExactly(1L, 4L, 9L);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    assertThat(gateway.after).containsExactly(0L, 4L, 4L, 4L);
  }

  @Test
  void givesUpAGatewayThatStaysAway() {
    for (int i = 0; i < 20; i++) {
      gateway.streams.add(answer -> answer.onError(Status.UNAVAILABLE.asRuntimeException()));
    }

    assertThatExceptionOfType(GenerationFailedException.class)
        .isThrownBy(() -> client.watch("job", false, _ -> {}))
        .withMessageContaining("UNAVAILABLE (expected: a gateway that answers");
    assertThat(gateway.streams).isNotEmpty();
  }

  @Test
  void failsAtOnceWhereTheGatewayKnowsNoSuchJob() {
    gateway.streams.add(
        answer -> answer.onError(Status.NOT_FOUND.withDescription("job: x").asRuntimeException()));

    assertThatExceptionOfType(GenerationFailedException.class)
        .isThrownBy(() -> client.watch("job", false, _ -> {}))
        .withMessageContaining("job: x");
    assertThat(gateway.after).hasSize(1);
  }

  @Test
  void tellsPreviewsFromChanges() throws InterruptedException {
    Preview preview = Preview.newBuilder().setData(ByteString.copyFromUtf8("png")).build();
    gateway.streams.add(answer -> {
      answer.onNext(change(1, JobState.JOB_STATE_RUNNING).toBuilder().setPreview(preview).build());
      answer.onNext(change(2, JobState.JOB_STATE_SUCCEEDED));
      answer.onCompleted();
    });
    List<Object> seen = new ArrayList<>();

    Job _ =
        client.watch(
            "job",
            true,
            new JobObserver() {
              @Override
              public void changed(Job job) {
                seen.add(job.getSequence());
              }

              @Override
              public void previewed(Preview preview) {
                seen.add(preview);
              }
            });

    assertThat(seen).containsExactly(preview, 2L);
    assertThat(gateway.previews).isTrue();
  }

  private static WatchJobResponse change(long sequence, JobState state) {
    return WatchJobResponse.newBuilder()
        .setJob(Job.newBuilder().setId("job").setSequence(sequence).setState(state))
        .build();
  }

  private static final class BreakingGateway extends ImageGenerationServiceImplBase {
    private final Queue<Script> streams = new ArrayDeque<>();
    private final Queue<Long> after = new ConcurrentLinkedQueue<>();
    private volatile boolean previews;

    interface Script {
      void play(StreamObserver<WatchJobResponse> answer);
    }

    @Override
    public synchronized void watchJob(
        WatchJobRequest request, StreamObserver<WatchJobResponse> answer) {
      after.add(request.getAfterSequence());
      previews = request.getPreviews();
      streams.remove().play(answer);
    }
  }
}
