package dev.fluxgate.gateway.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.embedding.EmbeddingCache;
import dev.fluxgate.gateway.generate.ImageGeneration;
import dev.fluxgate.gateway.image.ImageKey;
import dev.fluxgate.gateway.image.ImageReceiver;
import dev.fluxgate.gateway.image.ImageStore;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.input.Input;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.LeaseOutcome;
import dev.fluxgate.gateway.job.LeaseRef;
import dev.fluxgate.gateway.worker.Attachment;
import dev.fluxgate.gateway.worker.PlanQuestion;
import dev.fluxgate.gateway.worker.WorkerLink;
import dev.fluxgate.gateway.worker.WorkerPool;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.serving.BoundedStream;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.AttachRequest;
import dev.fluxgate.v1.AttachResponse;
import dev.fluxgate.v1.Complete;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.DownloadInputRequest;
import dev.fluxgate.v1.DownloadInputResponse;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadImageResponse;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc.WorkerPlaneServiceImplBase;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Serves {@code WorkerPlaneService} to workers. */
public final class WorkerPlaneEndpoint extends WorkerPlaneServiceImplBase {
  private final WorkerPool workers;
  private final EmbeddingCache embeddings;
  private final ImageStore images;
  private final InputStore inputs;
  private final InstantSource clock;

  /** Serves the workers of {@code workers}. */
  public WorkerPlaneEndpoint(
      WorkerPool workers,
      EmbeddingCache embeddings,
      ImageGeneration.Blobs blobs,
      InstantSource clock) {
    this.workers = workers;
    this.embeddings = embeddings;
    images = blobs.images();
    inputs = blobs.inputs();
    this.clock = clock;
  }

  @Override
  public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> responses) {
    return new WorkerStream((ServerCallStreamObserver<AttachResponse>) responses);
  }

  @Override
  public void downloadEmbedding(
      DownloadEmbeddingRequest request, StreamObserver<DownloadEmbeddingResponse> response) {
    PackedTensor tensor =
        embeddings
            .find(request.getSha256())
            .or(() -> inputs.tensor(new InputRef(request.getSha256())))
            .orElseThrow(() ->
                Failure.of(
                        Status.Code.NOT_FOUND,
                        "EMBEDDING_NOT_FOUND",
                        "sha256: no job needs this embedding (expected: one of a lease)")
                    .toException());
    BoundedStream.send(
        response,
        Stream.concat(
                Stream.of(
                    DownloadEmbeddingResponse.newBuilder().setHeader(tensor.header()).build()),
                chunks(tensor.data(), request.getOffset())
                    .map(chunk -> DownloadEmbeddingResponse.newBuilder().setChunk(chunk).build()))
            .iterator());
  }

  @Override
  public void downloadInput(
      DownloadInputRequest request, StreamObserver<DownloadInputResponse> response) {
    InputRef ref = new InputRef(request.getSha256());
    Input input = inputs.describe(ref).orElseThrow(WorkerPlaneEndpoint::inputMissing);
    ByteString bytes = inputs.read(ref).orElseThrow(WorkerPlaneEndpoint::inputMissing);
    BoundedStream.send(
        response,
        Stream.concat(
                Stream.of(
                    DownloadInputResponse.newBuilder().setHeader(InputCodec.header(input)).build()),
                chunks(bytes, request.getOffset())
                    .map(chunk -> DownloadInputResponse.newBuilder().setChunk(chunk).build()))
            .iterator());
  }

  private static RuntimeException inputMissing() {
    return Failure.of(
            Status.Code.NOT_FOUND,
            "INPUT_NOT_FOUND",
            "sha256: no job needs this input (expected: one of a lease)")
        .toException();
  }

  private static Stream<TensorChunk> chunks(ByteString bytes, long offset) {
    if (offset < 0 || offset > bytes.size()) {
      throw Failure.of(
              Status.Code.OUT_OF_RANGE,
              "OFFSET_OUT_OF_RANGE",
              "offset: " + offset + " (expected: 0.." + bytes.size() + ")")
          .toException();
    }
    Iterator<TensorChunk> chunks = TensorChunks.chunks(bytes, offset);
    Iterable<TensorChunk> once = () -> chunks;
    return StreamSupport.stream(once.spliterator(), false);
  }

  @Override
  public StreamObserver<UploadImageRequest> uploadImage(
      StreamObserver<UploadImageResponse> response) {
    return new ImageUpload(response);
  }

  /** The stream of one worker. Messages in are taken only while messages out can leave. */
  private final class WorkerStream implements StreamObserver<AttachRequest>, WorkerLink {
    private final ServerCallStreamObserver<AttachResponse> responses;
    private volatile @Nullable Attachment attachment;
    private boolean closed;
    private boolean owesRequest;

    WorkerStream(ServerCallStreamObserver<AttachResponse> responses) {
      this.responses = responses;
      responses.disableAutoRequest();
      responses.setOnReadyHandler(this::requestOwed);
      responses.setOnCancelHandler(this::gone);
      responses.request(1);
    }

    @Override
    public void onNext(AttachRequest request) {
      boolean taken = false;
      try {
        take(request);
        taken = true;
      } finally {
        if (!taken) {
          hangUp();
        }
      }
      synchronized (this) {
        owesRequest = true;
      }
      requestOwed();
    }

    private void take(AttachRequest request) {
      Attachment attached = attachment;
      if (attached == null) {
        attach(request);
      } else {
        receive(attached, request);
      }
    }

    /** What is refused ends the stream, and gRPC tells of no end that was our own. */
    private void hangUp() {
      synchronized (this) {
        closed = true;
      }
      gone();
    }

    private void attach(AttachRequest request) {
      if (!request.hasHello()) {
        throw new InvalidFieldException(
            "message", "message: " + request.getMessageCase() + " (expected: HELLO first)");
      }
      var greeting = WorkerCodec.greeting(request.getHello());
      String session = UUID.randomUUID().toString();
      attachment = workers.attach(session, greeting, this);
    }

    private void receive(Attachment attached, AttachRequest request) {
      switch (request.getMessageCase()) {
        case CREDIT -> {
          int count = request.getCredit().getCount();
          if (count < 1) {
            throw new InvalidFieldException(
                "credit.count", "count: " + count + " (expected: at least 1)");
          }
          workers.credit(attached, count);
        }
        case HEARTBEAT ->
            workers.heartbeat(attached, WorkerCodec.leases(request.getHeartbeat().getLeasesList()));
        case PROGRESS ->
            workers.progress(
                attached,
                WorkerCodec.lease(request.getProgress().getLease()),
                WorkerCodec.progress(request.getProgress()));
        case COMPLETE -> {
          Complete complete = request.getComplete();
          workers.complete(
              attached,
              WorkerCodec.lease(complete.getLease()),
              new LeaseOutcome.Succeeded(complete.getDenoiseMillis(), complete.getDecodeMillis()));
        }
        case NACK -> {
          Nack nack = request.getNack();
          workers.nack(
              attached,
              WorkerCodec.lease(nack.getLease()),
              WorkerCodec.reason(nack),
              WorkerCodec.error(nack));
        }
        case PREVIEW ->
            workers.preview(
                attached,
                WorkerCodec.lease(request.getPreview().getLease()),
                WorkerCodec.preview(request.getPreview().getPreview()));
        case PLAN_RESULT ->
            workers.answered(
                attached,
                request.getPlanResult().getId(),
                WorkerCodec.answer(request.getPlanResult()));
        case DRAINING -> workers.drain(attached);
        case HELLO, MESSAGE_NOT_SET ->
            throw new InvalidFieldException(
                "message",
                "message: " + request.getMessageCase() + " (expected: one that follows HELLO)");
      }
    }

    @Override
    public void onError(Throwable thrown) {
      gone();
    }

    @Override
    public void onCompleted() {
      gone();
      synchronized (this) {
        if (!closed) {
          closed = true;
          responses.onCompleted();
        }
      }
    }

    @Override
    public void welcome(String session) {
      send(WorkerCodec.welcome(session, workers.times()));
    }

    @Override
    public void assign(Job job) {
      List<Input> brought =
          job.parameters().wish().inputs().stream()
              .flatMap(ref -> inputs.describe(ref).stream())
              .toList();
      Job.Embeddings embeddings = job.embeddings();
      boolean isNegative = embeddings != null && embeddings.negative() != null;
      send(
          WorkerCodec.assign(
              job,
              brought,
              PlanQuestion.of(job.parameters(), isNegative, inputs),
              clock.instant()));
    }

    @Override
    public void cancel(LeaseRef lease) {
      send(WorkerCodec.cancel(lease));
    }

    @Override
    public void revoke(LeaseRef lease) {
      send(WorkerCodec.revoke(lease));
    }

    @Override
    public void ask(long id, PlanQuestion question) {
      send(WorkerCodec.plan(id, question));
    }

    @Override
    public synchronized void replaced() {
      if (!closed) {
        closed = true;
        responses.onError(
            Failure.of(Status.Code.ABORTED, "REPLACED", "this worker has attached anew")
                .toException());
      }
    }

    private synchronized void send(AttachResponse message) {
      if (!closed && !responses.isCancelled()) {
        responses.onNext(message);
      }
    }

    private synchronized void requestOwed() {
      if (owesRequest && !closed && responses.isReady()) {
        owesRequest = false;
        responses.request(1);
      }
    }

    private void gone() {
      Attachment attached = attachment;
      if (attached != null) {
        workers.detach(attached);
      }
    }
  }

  /** One picture on its way in. */
  private final class ImageUpload implements StreamObserver<UploadImageRequest> {
    private final StreamObserver<UploadImageResponse> response;
    private @Nullable LeaseRef lease;
    private @Nullable StoredImage image;
    private @Nullable ImageReceiver receiver;

    ImageUpload(StreamObserver<UploadImageResponse> response) {
      this.response = response;
    }

    @Override
    public void onNext(UploadImageRequest request) {
      if (receiver == null) {
        begin(request);
      } else if (request.hasData()) {
        receiver.accept(request.getData());
      } else {
        throw new InvalidFieldException(
            "part", "part: " + request.getPartCase() + " (expected: DATA after the header)");
      }
    }

    private void begin(UploadImageRequest request) {
      if (!request.hasHeader()) {
        throw new InvalidFieldException(
            "part", "part: " + request.getPartCase() + " (expected: HEADER first)");
      }
      LeaseRef announcedLease = WorkerCodec.lease(request.getHeader().getLease());
      StoredImage announced = JobCodec.image(request.getHeader().getImage());
      WorkerCodec.check(announced, workers.touch(announcedLease).parameters());
      lease = announcedLease;
      image = announced;
      receiver = new ImageReceiver(announced);
    }

    @Override
    public void onCompleted() {
      if (lease == null || image == null || receiver == null) {
        throw new InvalidFieldException("part", "part: none (expected: HEADER, then DATA)");
      }
      // Bytes first: a job never tells of a picture that is not there.
      images.put(new ImageKey(lease.jobId(), lease.epoch(), image.sha256()), receiver.finish());
      workers.uploaded(lease, image);
      response.onNext(UploadImageResponse.getDefaultInstance());
      response.onCompleted();
    }

    @Override
    public void onError(Throwable thrown) {
      // The worker broke off; what it sent is dropped with this object.
    }
  }
}
