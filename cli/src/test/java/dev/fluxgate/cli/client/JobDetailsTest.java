package dev.fluxgate.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobError;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.JobTimings;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A job in lines, and what its numbers become in them. */
class JobDetailsTest {
  @Test
  void tellsAllOfAJobThatIsAtWork() {
    Job job =
        Job.newBuilder()
            .setId("j")
            .setState(JobState.JOB_STATE_RUNNING)
            .setStage(JobStage.JOB_STAGE_DENOISING)
            .setStep(2)
            .setTotalSteps(4)
            .setParameters(
                GenerationParameters.newBuilder()
                    .setPrompt("a cat\nin \u001b[2Jrain")
                    .setModel("toy")
                    .setWidth(64)
                    .setHeight(32)
                    .setNumImages(2)
                    .setSeed(-7)
                    .setGuidanceScale(3.5f))
            .setCreateTime(Timestamp.newBuilder().setSeconds(60))
            .build();

    assertThat(lines(job))
        .containsExactly(
            "id          j",
            "state       running",
            "stage       denoising",
            "steps       2 of 4",
            "prompt      a cat in  [2Jrain",
            "model       toy",
            "size        64 x 32 x 2",
            "seed        -7",
            "guidance    3.5",
            "created     1970-01-01T00:01:00Z",
            "timings     encoded in 0.00 s, waited 0.00 s, denoised in 0.00 s, decoded in 0.00 s",
            "embedding   encoded for this job");
  }

  @Test
  void tellsHowAJobEnded() {
    Job job =
        Job.newBuilder()
            .setState(JobState.JOB_STATE_FAILED)
            .setStage(JobStage.JOB_STAGE_DECODING)
            .setError(JobError.newBuilder().setReason("WHY").setMessage("because"))
            .setEndTime(Timestamp.newBuilder().setSeconds(1))
            .setEmbeddingCached(true)
            .setPromptTruncated(true)
            .setTimings(
                JobTimings.newBuilder()
                    .setEncodeMillis(1)
                    .setWaitMillis(20)
                    .setDenoiseMillis(300)
                    .setDecodeMillis(4000))
            .addImages(
                ImageInfo.newBuilder()
                    .setIndex(10)
                    .setWidth(64)
                    .setHeight(32)
                    .setByteSize(9)
                    .setSha256(ByteString.fromHex("0aff")))
            .build();

    assertThat(lines(job))
        .contains(
            "error       WHY, because",
            "ended       1970-01-01T00:00:01Z",
            "timings     encoded in 0.00 s, waited 0.02 s, denoised in 0.30 s, decoded in 4.00 s",
            "embedding   from the cache",
            "prompt end  lost: more tokens than the model reads",
            "image 10    64 x 32, 9 bytes, SHA-256 0aff")
        .noneMatch(line -> line.startsWith("stage") || line.startsWith("steps"));
  }

  private static List<String> lines(Job job) {
    StringWriter out = new StringWriter();
    JobDetails.print(job, new PrintWriter(out));
    return out.toString().lines().toList();
  }

  @ParameterizedTest
  @CsvSource({
    "-5, 0 s",
    "0, 0 s",
    "59, 59 s",
    "60, 1 min",
    "3599, 59 min",
    "3600, 1 h",
    "86399, 23 h",
    "86400, 1 d",
    "8640000, 100 d"
  })
  void tellsAnAgeInItsLargestUnit(long seconds, String age) {
    Timestamp since = Timestamp.newBuilder().setSeconds(1000).build();

    assertThat(Texts.age(since, Instant.ofEpochSecond(1000).plus(Duration.ofSeconds(seconds))))
        .isEqualTo(age);
  }

  @Test
  void boundsClocksThatCannotBe() {
    assertThat(Texts.instant(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build()))
        .isEqualTo(Instant.ofEpochSecond(Instant.MAX.getEpochSecond()));
    assertThat(Texts.instant(Timestamp.newBuilder().setSeconds(Long.MIN_VALUE).build()))
        .isEqualTo(Instant.MIN);
    assertThat(Texts.age(Timestamp.newBuilder().setSeconds(Long.MIN_VALUE).build(), Instant.EPOCH))
        .endsWith(" d");
  }
}
