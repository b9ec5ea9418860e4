package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.rpc.ServedGateway;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.CreateJobResponse;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.ListModelsRequest;
import dev.fluxgate.v1.ListModelsResponse;
import dev.fluxgate.v1.Model;
import dev.fluxgate.v1.Preview;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Previews and progress of a gateway that sends what a test wants. */
class PreviewTest {
  private static final ByteString PNG =
      ByteString.copyFrom(PngWriter.encode(new RgbImage(1, 1, new byte[3]), Map.of()));

  @TempDir private Path folder;
  private final FakeGateway gateway = new FakeGateway();
  private final ServedGateway server = new ServedGateway(gateway);

  @AfterEach
  void closes() {
    server.close();
  }

  @Test
  void standsBesideThePictureUntilThatIsThere() {
    CommandLineRun run = draw("--preview");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(gateway.previewAtDownload).isTrue();
    assertThat(folder.toFile().list()).containsExactly("a.png");
  }

  @ParameterizedTest
  @CsvSource({"3, 1", "8, 1", "20, 3", "100, 13"})
  void asksForAboutEight(int steps, int interval) {
    gateway.modelSteps = 20;

    draw("--preview", "--steps", Integer.toString(steps));
    assertThat(gateway.interval).isEqualTo(interval);
    draw("--preview");
    assertThat(gateway.interval).isEqualTo(3);
    draw();
    assertThat(gateway.interval).isZero();
  }

  @Test
  void drawsOnWithoutAPreviewThatIsNoPicture() {
    gateway.preview = ByteString.copyFromUtf8("no picture");

    CommandLineRun run = draw("--preview");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).containsOnlyOnce("preview: ");
    assertThat(gateway.previewAtDownload).isFalse();
    assertThat(folder.toFile().list()).containsExactly("a.png");
  }

  @Test
  void tellsHowFarTheJobIs() {
    assertThat(draw().err()).containsSubsequence("encoding", "step 2 of 2", "decoding");
  }

  @Test
  void leavesNoPreviewOfAJobThatFailed() {
    gateway.end = JobState.JOB_STATE_FAILED;

    assertThat(draw("--preview").exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(folder).isEmptyDirectory();
  }

  private CommandLineRun draw(String... options) {
    List<String> arguments =
        List.of("generate", "a", "--out", folder + "/a.png", "--server", server.address());
    return CommandLineRun.of(
        Stream.concat(arguments.stream(), Arrays.stream(options)).toArray(String[]::new));
  }

  private final class FakeGateway extends ImageGenerationServiceImplBase {
    private volatile ByteString preview = PNG;
    private volatile JobState end = JobState.JOB_STATE_SUCCEEDED;
    private volatile int modelSteps;
    private volatile int interval;
    private volatile boolean previewAtDownload;

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
      answer.onNext(
          ListModelsResponse.newBuilder()
              .addModels(Model.newBuilder().setDefaultNumInferenceSteps(modelSteps))
              .build());
      answer.onCompleted();
    }

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> answer) {
      interval = request.getParameters().getPreviewInterval();
      answer.onNext(CreateJobResponse.newBuilder().setJob(Job.newBuilder().setId("job")).build());
      answer.onCompleted();
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> answer) {
      Job.Builder job = Job.newBuilder().setId("job").setState(JobState.JOB_STATE_RUNNING);
      job.setStep(2).setTotalSteps(2);
      for (JobStage stage :
          List.of(
              JobStage.JOB_STAGE_ENCODING,
              JobStage.JOB_STAGE_DENOISING,
              JobStage.JOB_STAGE_DECODING)) {
        answer.onNext(WatchJobResponse.newBuilder().setJob(job.setStage(stage)).build());
      }
      for (int index : List.of(0, 0, -1, 7)) {
        answer.onNext(
            WatchJobResponse.newBuilder()
                .setJob(job)
                .setPreview(Preview.newBuilder().setIndex(index).setData(preview))
                .build());
      }
      answer.onNext(
          WatchJobResponse.newBuilder().setJob(job.setState(end).addImages(info())).build());
      answer.onCompleted();
    }

    @Override
    public void downloadImage(
        DownloadImageRequest request, StreamObserver<DownloadImageResponse> answer) {
      previewAtDownload = Files.exists(folder.resolve("a-preview.png"));
      answer.onNext(DownloadImageResponse.newBuilder().setData(PNG).build());
      answer.onCompleted();
    }
  }

  private static ImageInfo info() {
    return ImageInfo.newBuilder().setByteSize(PNG.size()).setSha256(ContentHash.of(PNG)).build();
  }
}
