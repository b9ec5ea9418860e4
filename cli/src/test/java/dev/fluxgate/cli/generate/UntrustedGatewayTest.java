package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.rpc.ServedGateway;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.v1.CreateJobRequest;
import dev.fluxgate.v1.CreateJobResponse;
import dev.fluxgate.v1.DownloadImageRequest;
import dev.fluxgate.v1.DownloadImageResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobError;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.WatchJobRequest;
import dev.fluxgate.v1.WatchJobResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drawings at a gateway that passes on what workers, models and strangers say. */
class UntrustedGatewayTest {
  private static final ByteString FILE = ByteString.copyFromUtf8("a picture");
  private static final ImageInfo IMAGE =
      ImageInfo.newBuilder()
          .setMediaType("image/png")
          .setByteSize(FILE.size())
          .setSha256(ContentHash.of(FILE))
          .build();

  private final Scripted gateway = new Scripted();
  @AutoClose private final ServedGateway server = new ServedGateway(gateway);
  @TempDir private Path folder;

  @Test
  void tellsWhatWasDrawnAndSteersNoTerminal() {
    gateway.ended =
        Job.newBuilder()
            .setState(JobState.JOB_STATE_SUCCEEDED)
            .setUpsampledPrompt("a cat\n\u001b]0;owned\u0007 in rain")
            .addImages(IMAGE)
            .build();

    CommandLineRun run = draw();

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.err()).contains("drawn from: a cat  ]0;owned  in rain");
    assertThat(folder.resolve("a.png")).hasBinaryContent(FILE.toByteArray());
  }

  @Test
  void tellsInOneLineWhyAJobHasFailed() {
    gateway.ended = failed("WORKER_FAULT", "out of memory\n  at step 3\u001b[2J");

    CommandLineRun run = draw();

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("out of memory; at step 3 [2J").doesNotContain("\u001b");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void blamesTheRequestWhereTheWorkerDoes() {
    gateway.ended = failed("MALFORMED_IMAGE", "images[0]: an animated PNG (expected: a still one)");

    CommandLineRun run = draw();

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("an animated PNG (expected: a still one)");
  }

  @Test
  void followsAJobInOneLineToo() {
    gateway.ended = failed("WORKER_FAULT", "lost\u001b[2J\nits device");

    CommandLineRun run = CommandLineRun.of("jobs", "watch", "job", "--server", server.address());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).isEqualToNormalizingNewlines("failed: lost [2J its device\n");
  }

  @Test
  void writesNoPictureThatWasNotAskedFor() {
    for (int index : new int[] {-1, 1, Integer.MAX_VALUE}) {
      gateway.ended =
          Job.newBuilder()
              .setState(JobState.JOB_STATE_SUCCEEDED)
              .addImages(IMAGE.toBuilder().setIndex(index))
              .build();

      CommandLineRun run = draw();

      assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
      assertThat(run.err()).contains("picture " + index + " (expected: 0..0)");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void writesNoPictureThatArrivesDamagedOrIsGone() {
    gateway.ended =
        Job.newBuilder().setState(JobState.JOB_STATE_SUCCEEDED).addImages(IMAGE).build();
    gateway.file = FILE.substring(1);
    assertThat(draw().err()).contains("picture 0: 8 bytes arrived damaged");

    gateway.refusal = Status.NOT_FOUND.withDescription("image: gone").asRuntimeException();
    CommandLineRun run = draw();
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("image: gone");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void remarksThatThePromptLostItsEnd() {
    gateway.ended =
        Job.newBuilder()
            .setState(JobState.JOB_STATE_SUCCEEDED)
            .setPromptTruncated(true)
            .setParameters(GenerationParameters.newBuilder().setMaxSequenceLength(77))
            .addImages(IMAGE)
            .build();

    assertThat(draw().err()).contains("the prompt has more than 77 tokens and lost its end");
    assertThat(draw("--quiet").err()).isEmpty();
  }

  private static Job failed(String reason, String message) {
    return Job.newBuilder()
        .setState(JobState.JOB_STATE_FAILED)
        .setError(JobError.newBuilder().setReason(reason).setMessage(message))
        .build();
  }

  private CommandLineRun draw(String... options) {
    String[] arguments = {
      "generate", "a cat", "--out", folder + "/a.png", "--server", server.address()
    };
    String[] all = Arrays.copyOf(arguments, arguments.length + options.length);
    System.arraycopy(options, 0, all, arguments.length, options.length);
    return CommandLineRun.of(all);
  }

  /** Ends every job as it is told. */
  private static final class Scripted extends ImageGenerationServiceImplBase {
    private volatile Job ended = Job.getDefaultInstance();
    private volatile ByteString file = FILE;
    private volatile @Nullable RuntimeException refusal;

    @Override
    public void createJob(CreateJobRequest request, StreamObserver<CreateJobResponse> answer) {
      answer.onNext(CreateJobResponse.newBuilder().setJob(Job.newBuilder().setId("job")).build());
      answer.onCompleted();
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> answer) {
      answer.onNext(WatchJobResponse.newBuilder().setJob(ended.toBuilder().setId("job")).build());
      answer.onCompleted();
    }

    @Override
    public void downloadImage(
        DownloadImageRequest request, StreamObserver<DownloadImageResponse> answer) {
      RuntimeException failing = refusal;
      if (failing != null) {
        answer.onError(failing);
        return;
      }
      answer.onNext(DownloadImageResponse.newBuilder().setData(file).build());
      answer.onCompleted();
    }
  }
}
