package dev.fluxgate.denoiser;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.EmbeddingRef;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadImageResponse;
import dev.fluxgate.v1.Welcome;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc.WorkerPlaneServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A gateway's worker plane that does what a test tells it, over a real server. */
final class FakeGateway extends WorkerPlaneServiceImplBase implements AutoCloseable {
  static final int TOKENS = 4;
  static final int TEXT_WIDTH = 3;
  private static final long PATIENCE_SECONDS = 20;

  final BlockingQueue<AttachRequest> heard = new LinkedBlockingQueue<>();
  final BlockingQueue<ByteString> pictures = new LinkedBlockingQueue<>();
  final AtomicInteger downloads = new AtomicInteger();
  volatile boolean leaseIsLost;
  volatile boolean embeddingIsCorrupt;
  volatile boolean embeddingIsGone;
  volatile @Nullable Failure refusal;
  final AtomicInteger attachments = new AtomicInteger();
  private final PackedTensor embedding;
  private final GrpcServer server;
  private volatile @Nullable ServerCallStreamObserver<AttachResponse> worker;
  private volatile boolean stalled;

  FakeGateway() {
    ByteBuffer floats = ByteBuffer.allocate(TOKENS * TEXT_WIDTH * Float.BYTES);
    embedding =
        TensorChunks.pack(
            "prompt_embeds", DType.D_TYPE_F32, new long[] {TOKENS, TEXT_WIDTH}, floats);
    server = GrpcServer.start("127.0.0.1", 0, StatusMapping.standard(), List.of(this));
  }

  String target() {
    return "127.0.0.1:" + server.port();
  }

  @Override
  public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> responses) {
    attachments.incrementAndGet();
    var call = (ServerCallStreamObserver<AttachResponse>) responses;
    call.disableAutoRequest();
    call.request(1);
    worker = call;
    return new StreamObserver<>() {
      @Override
      public void onNext(AttachRequest message) {
        if (message.hasHello()) {
          responses.onNext(
              AttachResponse.newBuilder()
                  // A lease that outlasts every pause: what is said of it counts until it runs out.
                  .setWelcome(Welcome.newBuilder().setHeartbeatMillis(50).setLeaseMillis(600_000))
                  .build());
          refuse(responses);
        }
        heard.add(message);
        if (!stalled) {
          call.request(1);
        }
      }

      @Override
      public void onError(Throwable thrown) {}

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  /** As one that says welcome before it has looked at all that the worker says. */
  private void refuse(StreamObserver<AttachResponse> responses) {
    Failure why = refusal;
    if (why != null) {
      responses.onError(why.toException());
    }
  }

  /** Reads no more of what the worker says, beyond what is on its way already. */
  void stall() {
    stalled = true;
  }

  /** Reads on. */
  void resume() {
    stalled = false;
    attached().request(1);
  }

  private ServerCallStreamObserver<AttachResponse> attached() {
    ServerCallStreamObserver<AttachResponse> stream = worker;
    if (stream == null) {
      throw new IllegalStateException("no worker is attached");
    }
    return stream;
  }

  @Override
  public void downloadEmbedding(
      DownloadEmbeddingRequest request, StreamObserver<DownloadEmbeddingResponse> response) {
    downloads.incrementAndGet();
    if (embeddingIsGone) {
      throw Failure.of(Status.Code.NOT_FOUND, "EMBEDDING_NOT_FOUND", "sha256: gone").toException();
    }
    response.onNext(DownloadEmbeddingResponse.newBuilder().setHeader(embedding.header()).build());
    TensorChunks.chunks(embedding, 0)
        .forEachRemaining(chunk -> {
          ByteString data =
              embeddingIsCorrupt
                  ? ByteString.copyFrom(new byte[chunk.getData().size() - 1])
                      .concat(ByteString.copyFromUtf8("x"))
                  : chunk.getData();
          response.onNext(
              DownloadEmbeddingResponse.newBuilder()
                  .setChunk(chunk.toBuilder().setData(data))
                  .build());
        });
    response.onCompleted();
  }

  @Override
  public StreamObserver<UploadImageRequest> uploadImage(
      StreamObserver<UploadImageResponse> response) {
    return new StreamObserver<>() {
      private ByteString bytes = ByteString.EMPTY;

      @Override
      public void onNext(UploadImageRequest part) {
        bytes = bytes.concat(part.getData());
      }

      @Override
      public void onError(Throwable thrown) {}

      @Override
      public void onCompleted() {
        if (leaseIsLost) {
          response.onError(
              Failure.of(Status.Code.FAILED_PRECONDITION, "LEASE_LOST", "an older epoch")
                  .toException());
          return;
        }
        pictures.add(bytes);
        response.onNext(UploadImageResponse.getDefaultInstance());
        response.onCompleted();
      }
    };
  }

  void assign(String jobId) {
    assign(jobId, assign -> {});
  }

  /** Assigns a job after {@code change}. */
  void assign(String jobId, Consumer<Assign.Builder> change) {
    Assign.Builder assign =
        Assign.newBuilder()
            .setLease(lease(jobId))
            .setParameters(
                GenerationParameters.newBuilder()
                    .setPrompt("a circle")
                    .setWidth(16)
                    .setHeight(16)
                    .setNumInferenceSteps(3)
                    .setNumImages(1))
            .setPromptEmbeds(
                EmbeddingRef.newBuilder()
                    .setSha256(TensorIdentity.of(embedding.header()))
                    .setByteSize(embedding.header().getByteSize()));
    change.accept(assign);
    say(AttachResponse.newBuilder().setAssign(assign).build());
  }

  static LeaseRef lease(String jobId) {
    return LeaseRef.newBuilder().setJobId(jobId).setEpoch(1).build();
  }

  void say(AttachResponse message) {
    StreamObserver<AttachResponse> stream = attached();
    synchronized (this) {
      stream.onNext(message);
    }
  }

  /** Breaks the stream, as a gateway that dies would. */
  void hangUp() {
    StreamObserver<AttachResponse> stream = worker;
    if (stream != null) {
      stream.onError(Status.UNAVAILABLE.asException());
    }
  }

  /** The next message of that kind; others before it are dropped. */
  AttachRequest hear(Predicate<AttachRequest> kind) throws InterruptedException {
    while (true) {
      AttachRequest message = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (message == null) {
        throw new AssertionError("nothing heard for " + PATIENCE_SECONDS + " s");
      }
      if (kind.test(message)) {
        return message;
      }
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
