package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.proto.tensor.TensorReceiver;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobStage;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.NackReason;
import dev.fluxgate.v1.RandDevice;
import io.grpc.Status.Code;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The gateway between an encoder, workers and users that speak the protocol to it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GatewayProcessTest {
  private static final ByteString PNG = TestPng.of(64, 32, 2_500_000);

  private final GatewayFixture gateway = new GatewayFixture();

  @AfterEach
  void close() {
    gateway.close();
  }

  @Test
  void turnsAPromptIntoAPicture() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job accepted = gateway.create("", "a cat");
      assertThat(accepted.getState()).isEqualTo(JobState.JOB_STATE_QUEUED);
      Assign assign = worker.nextAssign();
      worker.progress(assign.getLease(), 4);
      worker.finish(assign, PNG);

      Job done = gateway.await(accepted.getId(), JobState.JOB_STATE_SUCCEEDED);
      assertThat(assign.getParameters()).isEqualTo(done.getParameters());
      assertThat(assign.getParameters())
          .isEqualTo(
              GenerationParameters.newBuilder()
                  .setPrompt("a cat")
                  .setWidth(64)
                  .setHeight(32)
                  .setNumInferenceSteps(4)
                  .setGuidanceScale(1)
                  .setSeed(done.getParameters().getSeed())
                  .setNumImages(1)
                  .setMaxSequenceLength(FakeEncoder.LENGTH)
                  .addTextEncoderOutLayers(1)
                  .setModel("toy")
                  .setFormat(ImageFormat.IMAGE_FORMAT_PNG)
                  .setRandDevice(RandDevice.RAND_DEVICE_CPU)
                  .build());
      assertThat(assign.getPromptEmbeds().getSha256()).isEqualTo(FakeEncoder.hash("a cat"));
      assertThat(assign.hasNegativePromptEmbeds()).isFalse();
      assertThat(done.getStep()).isEqualTo(4);
      assertThat(done.getImages(0)).isEqualTo(FakeWorker.info(PNG));
      assertThat(done.getTimings().getDenoiseMillis()).isEqualTo(5);
      assertThat(done.hasEndTime()).isTrue();
      assertThat(gateway.download(done.getId(), 0, 0)).isEqualTo(PNG);
    }
  }

  @Test
  void givesWorkersTheEmbeddingByItsHashFromAnyByte() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      ByteString hash = worker.nextAssign().getPromptEmbeds().getSha256();
      Iterator<DownloadEmbeddingResponse> answer =
          worker
              .blocking()
              .downloadEmbedding(DownloadEmbeddingRequest.newBuilder().setSha256(hash).build());
      TensorReceiver receiver =
          new TensorReceiver(answer.next().getHeader(), TensorLimits.PROMPT_EMBEDS);
      answer.forEachRemaining(message -> receiver.accept(message.getChunk()));
      PackedTensor tensor = receiver.finish();
      assertThat(tensor).isEqualTo(FakeEncoder.embed("a cat", FakeEncoder.LENGTH));

      Iterator<DownloadEmbeddingResponse> rest =
          worker
              .blocking()
              .downloadEmbedding(
                  DownloadEmbeddingRequest.newBuilder().setSha256(hash).setOffset(9).build());
      rest.next();
      assertThat(rest.next().getChunk().getData()).isEqualTo(tensor.data().substring(9));
      assertCode(
          Code.NOT_FOUND,
          () ->
              worker
                  .blocking()
                  .downloadEmbedding(DownloadEmbeddingRequest.getDefaultInstance())
                  .next());
      assertCode(
          Code.OUT_OF_RANGE,
          () ->
              worker
                  .blocking()
                  .downloadEmbedding(
                      DownloadEmbeddingRequest.newBuilder()
                          .setSha256(hash)
                          .setOffset(1 << 20)
                          .build())
                  .next());
    }
  }

  @Test
  void asksTheEncoderOnceForAPrompt() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String first = gateway.create("", "a cat").getId();
      worker.finish(worker.nextAssign(), PNG);
      assertThat(gateway.await(first, JobState.JOB_STATE_SUCCEEDED).getEmbeddingCached()).isFalse();
      worker.credit(2);
      String second = gateway.create("", "a cat").getId();
      String third = gateway.create("", "a cat ").getId();
      worker.nextAssign();
      worker.nextAssign();

      assertThat(gateway.get(second).getEmbeddingCached()).isTrue();
      assertThat(gateway.get(third).getEmbeddingCached()).isFalse();
      assertThat(gateway.encoder.encoded).hasSize(2);
    }
  }

  @Test
  void tellsThatAPromptLostItsEnd() throws Exception {
    gateway.encoder.truncates = true;
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a very long cat").getId();
      worker.finish(worker.nextAssign(), PNG);

      assertThat(gateway.await(id, JobState.JOB_STATE_SUCCEEDED).getPromptTruncated()).isTrue();
    }
  }

  @Test
  void encodesTheEmptyPromptForClassifierFreeGuidance() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create(
          "", GenerationParameters.newBuilder().setPrompt("a cat").setGuidanceScale(4).build());

      assertThat(worker.nextAssign().getNegativePromptEmbeds().getSha256())
          .isEqualTo(FakeEncoder.hash(""));
    }
  }

  @Test
  void givesTheSameJobForTheSameRequestAndRefusesAnother() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "w")) {
      Job first = gateway.create("r-1", "a cat");

      assertThat(gateway.create("r-1", "a cat").getId()).isEqualTo(first.getId());
      Failure reused = assertCode(Code.ALREADY_EXISTS, () -> gateway.create("r-1", "a dog"));
      assertThat(reused.reason()).isEqualTo("REQUEST_ID_REUSED");
      assertThat(reused.message()).contains("r-1").contains(first.getId());
    }
  }

  @Test
  void refusesWhatCannotBeDrawnNamingTheField() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "w")) {
      Failure failure =
          assertCode(
              Code.INVALID_ARGUMENT,
              () ->
                  gateway.create(
                      "", GenerationParameters.newBuilder().setPrompt("p").setWidth(17).build()));

      assertThat(failure.message())
          .isEqualTo("width: 17 (expected: a multiple of 16; nearest: 16 or 32)");
      assertThat(failure.violations().getFirst().field()).isEqualTo("parameters.width");
      Failure longPrompt =
          assertCode(Code.INVALID_ARGUMENT, () -> gateway.create("", "x".repeat((1 << 20) + 1)));
      assertThat(longPrompt.message()).contains("(expected: at most 1048576 bytes of UTF-8)");
    }
  }

  @Test
  void refusesWhenTheQueueIsFull() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      for (int i = 0; i < GatewayFixture.MAX_QUEUED; i++) {
        gateway.create("", "cat " + i);
      }
      Failure failure = assertCode(Code.RESOURCE_EXHAUSTED, () -> gateway.create("", "one more"));

      assertThat(failure.reason()).isEqualTo("QUEUE_FULL");
      assertThat(failure.retryAfter()).isNotNull();
    }
  }

  @Test
  void saysThatNoWorkerIsThere() {
    assertThat(assertCode(Code.UNAVAILABLE, () -> gateway.create("", "a cat")).reason())
        .isEqualTo("NO_WORKER");
  }

  @Test
  void saysThatTheEncoderIsDownAndStopsAskingIt() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      worker.nextAssign();
      gateway.encoder.close();
      Job failed = gateway.await(gateway.create("", "a dog").getId(), JobState.JOB_STATE_FAILED);

      assertThat(failed.getError().getReason()).isEqualTo("ENCODER_UNAVAILABLE");
      assertThat(failed.getError().getMessage()).contains(gateway.encoder.target());
      for (int i = 0; i < 4; i++) {
        failed = gateway.await(gateway.create("", "dog " + i).getId(), JobState.JOB_STATE_FAILED);
      }
      assertThat(failed.getError().getMessage()).contains("most calls failed lately");
    }
  }

  @Test
  void notesThatTheEncoderHasChanged() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      worker.nextAssign();
      gateway.encoder.gate = new CountDownLatch(1);
      worker.credit(1);
      gateway.create("", "a dog");
      // Changed no sooner than it was asked: else the gateway may have noticed by itself.
      gateway.encoder.awaitEncodings(2);
      gateway.encoder.modelHash = "encoder-2";
      gateway.encoder.gate.countDown();
      worker.nextAssign();

      // Once refused for its other hash, once under the key of the new encoder.
      assertThat(gateway.encoder.encoded).hasSize(3);
    }
  }

  @Test
  void failsAJobWhoseEncoderSendsAHostileHeader() throws Exception {
    try (FakeWorker _ = FakeWorker.ready(gateway.port(), "w")) {
      gateway.encoder.header = header -> header.toBuilder().setShape(0, Long.MAX_VALUE).build();
      Job failed = gateway.await(gateway.create("", "a cat").getId(), JobState.JOB_STATE_FAILED);

      assertThat(failed.getError().getReason()).isEqualTo("MALFORMED_TENSOR");
      assertThat(failed.getError().getMessage()).contains("9223372036854775807");
    }
  }

  @Test
  void cancelsAQueuedJobAtOnceWhateverTheEncoderDoes() throws Exception {
    gateway.encoder.gate = new CountDownLatch(1);
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      assertThat(job.getStage()).isEqualTo(JobStage.JOB_STAGE_ENCODING);
      assertThat(gateway.cancel(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_CANCELLED);
      gateway.encoder.gate.countDown();
      gateway.create("", "a dog");

      assertThat(worker.nextAssign().getParameters().getPrompt()).isEqualTo("a dog");
    }
  }

  @Test
  void tellsTheWorkerToStopARunningJob() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      assertThat(gateway.cancel(job.getId()).getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      assertThat(worker.next(AttachResponse.MessageCase.CANCEL).getCancel().getLease())
          .isEqualTo(assign.getLease());
      worker.nack(assign.getLease(), NackReason.NACK_REASON_CANCELLED);

      Job ended = gateway.await(job.getId(), JobState.JOB_STATE_CANCELLED);
      assertThat(gateway.cancel(job.getId())).isEqualTo(ended);
    }
  }

  @Test
  void showsTheStateFirstThenEveryChangeInOrder() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      Job job = gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      var watch = gateway.watch(job.getId(), 0);
      Job now = watch.next().getJob();
      assertThat(now.getState()).isEqualTo(JobState.JOB_STATE_RUNNING);
      worker.progress(assign.getLease(), 1);
      Job next = watch.next().getJob();
      assertThat(next.getStep()).isEqualTo(1);
      assertThat(next.getSequence()).isGreaterThan(now.getSequence());
      worker.finish(assign, PNG);
      Job last = next;
      while (watch.hasNext()) {
        Job later = watch.next().getJob();
        assertThat(later.getSequence()).isGreaterThan(last.getSequence());
        last = later;
      }

      assertThat(last.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      var late = gateway.watch(job.getId(), 0);
      assertThat(late.next().getJob()).isEqualTo(last);
      assertThat(late.hasNext()).isFalse();
      assertThat(gateway.watch(job.getId(), last.getSequence()).hasNext()).isFalse();
      assertCode(Code.NOT_FOUND, () -> gateway.watch("nowhere", 0).next());
    }
  }

  @Test
  void givesAPictureFromAnyByte() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      Failure early = assertCode(Code.FAILED_PRECONDITION, () -> gateway.download(id, 0, 0));
      assertThat(early.reason()).isEqualTo("NO_IMAGES");
      worker.finish(assign, PNG);
      gateway.await(id, JobState.JOB_STATE_SUCCEEDED);

      assertThat(gateway.download(id, 0, 1_300_000)).isEqualTo(PNG.substring(1_300_000));
      assertThat(gateway.download(id, 0, PNG.size())).isEmpty();
      assertCode(Code.OUT_OF_RANGE, () -> gateway.download(id, 0, PNG.size() + 1));
      assertCode(Code.OUT_OF_RANGE, () -> gateway.download(id, 0, -1));
      assertCode(Code.NOT_FOUND, () -> gateway.download(id, 1, 0));
      assertCode(Code.NOT_FOUND, () -> gateway.download("nowhere", 0, 0));
    }
  }

  @Test
  void refusesAPictureThatIsNotWhatWasAnnounced() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      LeaseRef lease = assign.getLease();
      var honest = FakeWorker.info(PNG);
      var lie = honest.toBuilder().setSha256(ByteString.copyFrom(new byte[32])).build();

      assertCode(Code.DATA_LOSS, () -> worker.upload(lease, lie, PNG, 1 << 20));
      assertCode(Code.DATA_LOSS, () -> worker.upload(lease, honest, PNG, (1 << 20) + 1));
      assertCode(
          Code.INVALID_ARGUMENT,
          () -> worker.upload(lease, honest.toBuilder().setIndex(1).build(), PNG, 1 << 20));
      assertCode(
          Code.INVALID_ARGUMENT,
          () -> worker.upload(lease, honest.toBuilder().setWidth(65).build(), PNG, 1 << 20));
      assertCode(
          Code.INVALID_ARGUMENT,
          () ->
              worker.upload(lease, honest.toBuilder().setByteSize(1L << 40).build(), PNG, 1 << 20));
    }
  }

  @Test
  void refusesAWorkerThatSpeaksAnotherProtocol() throws Exception {
    try (FakeWorker worker = new FakeWorker(gateway.port())) {
      worker.send(
          AttachRequest.newBuilder().setHello(FakeWorker.hello("w").setProtocol(2)).build());

      assertThat(Failure.ofCall(worker.ended.get()).message())
          .isEqualTo("protocol: 2 (expected: 1)");
    }
    try (FakeWorker worker = new FakeWorker(gateway.port())) {
      worker.credit(1);

      assertThat(Failure.ofCall(worker.ended.get()).message()).contains("(expected: HELLO first)");
    }
  }

  @Test
  void expiresAJobThatNobodyDrewInTime() throws Exception {
    try (FakeWorker _ = FakeWorker.attached(gateway.port(), "w", List.of())) {
      String id = gateway.create("", "a cat").getId();
      gateway.clock.advance(Duration.ofHours(2));
      gateway.process.workers().sweep();

      assertThat(gateway.get(id).getState()).isEqualTo(JobState.JOB_STATE_EXPIRED);
    }
  }

  private static Failure assertCode(Code code, ThrowingCallable call) {
    Throwable thrown = catchThrowable(call);
    assertThat(thrown).isNotNull();
    Failure failure = Failure.ofCall(thrown);
    assertThat(failure.code()).as(failure.message()).isEqualTo(code);
    return failure;
  }
}
