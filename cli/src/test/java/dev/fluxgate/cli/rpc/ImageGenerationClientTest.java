package dev.fluxgate.cli.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.QueueFullException;
import dev.fluxgate.v1.CancelJobRequest;
import dev.fluxgate.v1.CancelJobResponse;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.CreateJobResponse;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client against a gateway that says what a test wants it to. */
class ImageGenerationClientTest {
  private static final ByteString PICTURE = ByteString.copyFromUtf8("a picture of some bytes");

  private final FakeGateway gateway = new FakeGateway();
  private final ServedGateway server = new ServedGateway(gateway);
  private final ImageGenerationClient client = ImageGenerationClient.dial(server.address());

  @AfterEach
  void closes() {
    client.close();
    server.close();
  }

  @Test
  void createsAJobUnderAFreshIdEachTime() {
    GenerationParameters parameters = GenerationParameters.newBuilder().setPrompt("a cat").build();

    assertThat(client.create(parameters, null).getId()).isEqualTo("job");
    assertThat(client.create(parameters, null).getParameters()).isEqualTo(parameters);
    assertThat(gateway.created)
        .extracting(CreateJobRequest::getRequestId)
        .doesNotHaveDuplicates()
        .doesNotContain("");
  }

  @Test
  void tellsARefusalFromAFailure() {
    gateway.failure = new InvalidFieldException("parameters.width", "width: 17 (expected: 16)");
    assertThatThrownBy(this::create)
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("width: 17 (expected: 16)");

    gateway.failure =
        new QueueFullException("jobs: 3 (expected: at most 2)", Duration.ofSeconds(1));
    assertThatThrownBy(this::create)
        .isInstanceOf(GenerationFailedException.class)
        .hasMessageContaining("jobs: 3 (expected: at most 2)");
  }

  @Test
  void watchesUntilTheEnd() throws InterruptedException {
    List<Integer> steps = new ArrayList<>();

    Job ended = client.watch("job", false, job -> steps.add(job.getStep()));

    assertThat(steps).containsExactly(1, 2, 3);
    assertThat(ended.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }

  @Test
  void cancels() {
    assertThat(client.cancel("job").getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
  }

  @Test
  void putsThePiecesOfAPictureTogether() {
    assertThat(client.download("job", info(PICTURE))).isEqualTo(PICTURE.toByteArray());
  }

  @Test
  void refusesAPictureWithAnotherHash() {
    ImageInfo other = info(ByteString.copyFromUtf8("another"));

    assertThatThrownBy(() -> client.download("job", other))
        .isInstanceOf(GenerationFailedException.class)
        .hasMessage("picture 3: " + PICTURE.size() + " bytes arrived damaged");
  }

  @Test
  void failsInOneLineWithoutAGateway() {
    server.close();

    assertThatThrownBy(this::create)
        .isInstanceOf(GenerationFailedException.class)
        .hasMessageNotContaining("\n");
  }

  private Job create() {
    return client.create(GenerationParameters.getDefaultInstance(), null);
  }

  private static ImageInfo info(ByteString picture) {
    return ImageInfo.newBuilder()
        .setIndex(3)
        .setByteSize(PICTURE.size())
        .setSha256(ContentHash.of(picture))
        .build();
  }

  private static final class FakeGateway extends ImageGenerationServiceImplBase {
    private final ConcurrentLinkedQueue<CreateJobRequest> created = new ConcurrentLinkedQueue<>();
    private volatile @Nullable RuntimeException failure;

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> answer) {
      created.add(request);
      RuntimeException wanted = failure;
      if (wanted != null) {
        throw wanted;
      }
      Job job = Job.newBuilder().setId("job").setParameters(request.getParameters()).build();
      answer.onNext(CreateJobResponse.newBuilder().setJob(job).build());
      answer.onCompleted();
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> answer) {
      for (int step = 1; step <= 3; step++) {
        Job.Builder job = Job.newBuilder().setId(request.getId()).setStep(step);
        job.setState(step < 3 ? JobState.JOB_STATE_RUNNING : JobState.JOB_STATE_SUCCEEDED);
        answer.onNext(WatchJobResponse.newBuilder().setJob(job).build());
      }
      answer.onCompleted();
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> answer) {
      Job job =
          Job.newBuilder().setId(request.getId()).setState(JobState.JOB_STATE_CANCELLED).build();
      answer.onNext(CancelJobResponse.newBuilder().setJob(job).build());
      answer.onCompleted();
    }

    @Override
    public void downloadImage(
        DownloadImageRequest request, StreamObserver<DownloadImageResponse> answer) {
      int half = PICTURE.size() / 2;
      answer.onNext(DownloadImageResponse.newBuilder().setData(PICTURE.substring(0, half)).build());
      answer.onNext(
          DownloadImageResponse.newBuilder()
              .setOffset(half)
              .setData(PICTURE.substring(half))
              .build());
      answer.onCompleted();
    }
  }
}
