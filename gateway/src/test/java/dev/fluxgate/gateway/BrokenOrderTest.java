package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse.MessageCase;
import dev.fluxgate.v1.Credit;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadInputRequest;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceStub;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.UploadHeader;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc.WorkerPlaneServiceStub;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams whose messages come in an order that says nothing, or say nothing at all. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BrokenOrderTest {
  private static final ByteString PNG = TestPng.of(64, 32, 1000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + gateway.port());
  private final WorkerPlaneServiceStub workers = WorkerPlaneServiceGrpc.newStub(channel);
  private final ImageGenerationServiceStub users = ImageGenerationServiceGrpc.newStub(channel);

  @AfterEach
  void close() {
    channel.shutdownNow();
    gateway.close();
  }

  @Test
  void endsTheStreamOfAWorkerThatSpeaksOutOfTurn() throws Exception {
    assertThat(afterWelcome(hello -> hello.setHello(FakeWorker.hello("w"))))
        .isEqualTo("message: HELLO (expected: one that follows HELLO)");
    assertThat(afterWelcome(AttachRequest.Builder::clear))
        .isEqualTo("message: MESSAGE_NOT_SET (expected: one that follows HELLO)");
    for (int count : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertThat(afterWelcome(credit -> credit.setCredit(Credit.newBuilder().setCount(count))))
          .isEqualTo("count: " + count + " (expected: at least 1)");
    }
  }

  private String afterWelcome(Consumer<AttachRequest.Builder> fill) throws Exception {
    try (FakeWorker worker = FakeWorker.attached(gateway.port(), "w", List.of())) {
      AttachRequest.Builder message = AttachRequest.newBuilder();
      fill.accept(message);
      worker.send(message.build());
      return Failure.ofCall(worker.ended.get()).message();
    }
  }

  @Test
  void givesNothingToAWorkerThatWasRefused() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      worker.send(AttachRequest.getDefaultInstance());
      assertThat(worker.ended.get()).isNotNull();

      String id = gateway.create("", "a cat").getId();
      try (FakeWorker other = FakeWorker.ready(gateway.port(), "other")) {
        assertThat(other.nextAssign().getLease().getJobId()).isEqualTo(id);
      }
    }
  }

  @Test
  void keepsTheLeaseOfAWorkerThatMisspokeForItsReturn() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      String id = gateway.create("", "a cat").getId();
      Assign assign = worker.nextAssign();
      worker.send(AttachRequest.getDefaultInstance());
      assertThat(worker.ended.get()).isNotNull();

      try (FakeWorker again =
          FakeWorker.attached(gateway.port(), "w", List.of(assign.getLease()))) {
        again.finish(assign, PNG);
        assertThat(gateway.await(id, JobState.JOB_STATE_SUCCEEDED).getImagesCount()).isOne();
      }
    }
  }

  @Test
  void givesAWorkerAllItsCreditHoweverMuch() throws Exception {
    try (FakeWorker worker = FakeWorker.attached(gateway.port(), "w", List.of())) {
      worker.credit(Integer.MAX_VALUE);
      worker.credit(Integer.MAX_VALUE);
      gateway.create("", "a cat");
      gateway.create("", "a dog");

      assertThat(worker.next(MessageCase.ASSIGN)).isNotEqualTo(worker.next(MessageCase.ASSIGN));
    }
  }

  @Test
  void refusesPicturesWithoutTheirHeaderOrWithTwo() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      LeaseRef lease = worker.nextAssign().getLease();
      UploadImageRequest header = header(lease, FakeWorker.info(PNG));
      UploadImageRequest data = UploadImageRequest.newBuilder().setData(PNG).build();

      assertThat(picture(data)).isEqualTo("part: DATA (expected: HEADER first)");
      assertThat(picture(UploadImageRequest.getDefaultInstance()))
          .isEqualTo("part: PART_NOT_SET (expected: HEADER first)");
      assertThat(picture()).isEqualTo("part: none (expected: HEADER, then DATA)");
      assertThat(picture(header, header))
          .isEqualTo("part: HEADER (expected: DATA after the header)");
      assertThat(picture(header, UploadImageRequest.getDefaultInstance()))
          .isEqualTo("part: PART_NOT_SET (expected: DATA after the header)");
      assertThat(picture(header)).contains("0 bytes (expected: 1000)");
      assertThat(picture(header, data, data)).contains("1000 bytes at 1000 (expected: 1..0)");
      worker.upload(lease, FakeWorker.info(PNG), PNG, 100);
    }
  }

  private static UploadImageRequest header(LeaseRef lease, ImageInfo image) {
    return UploadImageRequest.newBuilder()
        .setHeader(UploadHeader.newBuilder().setLease(lease).setImage(image))
        .build();
  }

  private String picture(UploadImageRequest... parts) throws Exception {
    return refusal(workers::uploadImage, parts);
  }

  @Test
  void refusesInputsWithoutTheirHeaderOrWithTwo() throws Exception {
    UploadInputRequest header =
        UploadInputRequest.newBuilder()
            .setHeader(
                InputHeader.newBuilder()
                    .setImage(InputImageHeader.newBuilder().setByteSize(9).setSha256(hash())))
            .build();
    UploadInputRequest data = UploadInputRequest.newBuilder().setData(PNG.substring(0, 9)).build();

    assertThat(input(data)).isEqualTo("part: DATA (expected: HEADER first)");
    assertThat(input()).isEqualTo("part: none (expected: HEADER, then DATA)");
    assertThat(input(header, header)).isEqualTo("part: HEADER (expected: DATA after the header)");
    assertThat(
            input(
                UploadInputRequest.newBuilder()
                    .setHeader(InputHeader.getDefaultInstance())
                    .build()))
        .isEqualTo("kind: none (expected: IMAGE or TENSOR)");
    assertThat(input(header)).contains("0 bytes (expected: 9 bytes)");
    assertThat(input(header, data, data)).contains("9 bytes at 9 (expected: 1..0)");
  }

  private String input(UploadInputRequest... parts) throws Exception {
    return refusal(users::uploadInput, parts);
  }

  @Test
  void refusesDownloadsOfWhatIsNotThereOrBehindItsEnd() throws Exception {
    try (FakeWorker worker = FakeWorker.ready(gateway.port(), "w")) {
      gateway.create("", "a cat");
      Assign assign = worker.nextAssign();
      ByteString embeds = assign.getPromptEmbeds().getSha256();
      long size = assign.getPromptEmbeds().getByteSize();

      for (long offset : new long[] {-1, size + 1, Long.MAX_VALUE}) {
        assertThat(embedding(embeds, offset))
            .isEqualTo("offset: " + offset + " (expected: 0.." + size + ")");
      }
      assertThat(embedding(hash(), 0)).startsWith("sha256: no job needs this embedding");
      assertThat(embedding(ByteString.EMPTY, 0)).startsWith("sha256: no job needs this embedding");
      assertThat(file(hash())).startsWith("sha256: no job needs this input");
    }
  }

  private String embedding(ByteString sha256, long offset) throws Exception {
    Ending ending = new Ending();
    workers.downloadEmbedding(
        DownloadEmbeddingRequest.newBuilder().setSha256(sha256).setOffset(offset).build(),
        ending.observer());
    return ending.refusal();
  }

  private String file(ByteString sha256) throws Exception {
    Ending ending = new Ending();
    workers.downloadInput(
        DownloadInputRequest.newBuilder().setSha256(sha256).build(), ending.observer());
    return ending.refusal();
  }

  /** A hash of nothing that is there. */
  private static ByteString hash() {
    return ByteString.copyFrom(new byte[32]);
  }

  @SafeVarargs
  private static <Q, R> String refusal(
      Function<StreamObserver<R>, StreamObserver<Q>> call, Q... messages) throws Exception {
    Ending ending = new Ending();
    StreamObserver<Q> out = call.apply(ending.observer());
    for (Q message : messages) {
      out.onNext(message);
    }
    out.onCompleted();
    return ending.refusal();
  }

  /** How a call ends. */
  private static final class Ending {
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    <R> StreamObserver<R> observer() {
      return new StreamObserver<>() {
        @Override
        public void onNext(R answer) {
          // What comes before the end says nothing of it.
        }

        @Override
        public void onError(Throwable thrown) {
          failure.complete(thrown);
        }

        @Override
        public void onCompleted() {
          failure.complete(new AssertionError("ended well"));
        }
      };
    }

    String refusal() throws Exception {
      return Failure.ofCall(failure.get(20, TimeUnit.SECONDS)).message();
    }
  }
}
