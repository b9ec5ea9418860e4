package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.EmbeddingStore;
import dev.fluxgate.denoiser.job.Gateway;
import dev.fluxgate.denoiser.job.InputRef;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.job.LeaseKeeper;
import dev.fluxgate.denoiser.job.LeaseLostException;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobFailedException.Fault;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.MalformedTensorException;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.proto.tensor.TensorLimits;
import dev.fluxgate.proto.tensor.TensorReceiver;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.DownloadInputRequest;
import dev.fluxgate.v1.DownloadInputResponse;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gateway over gRPC. What a job says goes over the stream of {@link AttachmentClient}; bytes
 * travel on calls of their own, so that they hold up no heartbeat.
 */
public final class WorkerPlaneClient implements Gateway, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPlaneClient.class);
  private static final Duration TRANSFER_LIMIT = Duration.ofMinutes(5);

  /** More than a gateway takes in. */
  private static final long MAX_INPUT_BYTES = 256L << 20;

  /** A little over a minute: longer than a gateway takes to restart. */
  private static final int ATTEMPTS = 16;

  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LONGEST_PAUSE_MILLIS = 5000;

  private final ManagedChannel channel;
  private final LeaseKeeper leases;
  private final AttachmentClient attachment;

  /**
   * Dials once started.
   *
   * @param target "host:port" of the gateway
   * @param workerId stable name of the worker
   * @param maker draws; here it is only asked about its model and its plans
   * @param assigned takes the leases as they come; never blocks
   */
  public WorkerPlaneClient(
      String target,
      String workerId,
      PictureMaker maker,
      LeaseKeeper leases,
      EmbeddingStore embeddings,
      Consumer<DenoiseJob> assigned) {
    channel = GrpcChannels.open(target);
    this.leases = leases;
    attachment = new AttachmentClient(channel, workerId, maker, leases, embeddings, assigned);
  }

  /** Begins to dial, and dials again after every loss. */
  public void start() {
    attachment.start();
  }

  /** Whether the gateway has welcomed us on a stream that still stands. */
  public boolean isAttached() {
    return attachment.isAttached();
  }

  /** Asks for no more leases. */
  public void drain() {
    attachment.drain();
  }

  @Override
  public HostTensor fetch(Lease lease, EmbeddingRef embedding) {
    return retrying(lease, "embedding " + embedding.sha256(), () -> download(embedding));
  }

  private HostTensor download(EmbeddingRef embedding) {
    Iterator<DownloadEmbeddingResponse> parts =
        WorkerPlaneServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(TRANSFER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .downloadEmbedding(
                DownloadEmbeddingRequest.newBuilder()
                    .setSha256(DenoiseJobCodec.hash(embedding.sha256()))
                    .build());
    requireAny(parts, "embedding", "EMBEDDING_CORRUPT");
    try {
      TensorReceiver receiver = new TensorReceiver(parts.next().getHeader(), TensorLimits.INPUT);
      while (parts.hasNext()) {
        receiver.accept(parts.next().getChunk());
      }
      PackedTensor tensor = receiver.finish();
      ByteString identity = TensorIdentity.of(tensor.header());
      if (!identity.equals(DenoiseJobCodec.hash(embedding.sha256()))) {
        throw corrupt(
            "EMBEDDING_CORRUPT",
            "embedding: " + hex(identity) + " (expected: " + embedding.sha256() + ")",
            null);
      }
      return DenoiseJobCodec.tensor(tensor);
    } catch (MalformedTensorException e) {
      throw corrupt("EMBEDDING_CORRUPT", String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      // It is what the request brought, and no fault of who carried it.
      throw new JobFailedException(
          Fault.REQUEST, "INVALID_REQUEST", String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireAny(Iterator<?> parts, String what, String reason) {
    if (!parts.hasNext()) {
      throw corrupt(reason, what + ": no message (expected: a header, then its bytes)", null);
    }
  }

  private static JobFailedException corrupt(
      String reason, String message, @Nullable Throwable cause) {
    return new JobFailedException(Fault.SURROUNDINGS, reason, message, cause);
  }

  private static String hex(ByteString hash) {
    return HexFormat.of().formatHex(hash.toByteArray());
  }

  @Override
  public byte[] fetch(Lease lease, InputRef input) {
    return retrying(lease, "input " + input.sha256(), () -> download(input));
  }

  private byte[] download(InputRef input) {
    Iterator<DownloadInputResponse> parts =
        WorkerPlaneServiceGrpc.newBlockingStub(channel)
            .withDeadlineAfter(TRANSFER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
            .downloadInput(
                DownloadInputRequest.newBuilder()
                    .setSha256(DenoiseJobCodec.hash(input.sha256()))
                    .build());
    requireAny(parts, "input", "INPUT_CORRUPT");
    InputHeader header = parts.next().getHeader();
    long size = header.getImage().getByteSize();
    if (!header.hasImage() || size < 1 || size > MAX_INPUT_BYTES) {
      throw corrupt(
          "INPUT_CORRUPT",
          "input: "
              + header.getKindCase()
              + " of "
              + size
              + " bytes (expected: IMAGE of 1.."
              + MAX_INPUT_BYTES
              + ")",
          null);
    }
    List<ByteString> chunks = new ArrayList<>();
    long received = 0;
    while (parts.hasNext() && received <= size) {
      ByteString data = parts.next().getChunk().getData();
      received += data.size();
      chunks.add(data);
    }
    ByteString file = ByteString.copyFrom(chunks);
    ByteString hash = ContentHash.of(file);
    if (!hash.equals(DenoiseJobCodec.hash(input.sha256()))) {
      throw corrupt(
          "INPUT_CORRUPT",
          "input: " + received + " bytes of " + hex(hash) + " (expected: " + input.sha256() + ")",
          null);
    }
    return file.toByteArray();
  }

  @Override
  public void upload(Lease lease, EncodedPicture picture) {
    ByteString bytes = ByteString.copyFrom(picture.file());
    var _ =
        retrying(
            lease,
            "picture " + picture.index() + " of job " + lease.jobId(),
            () -> {
              PictureUploadClient.upload(channel, lease, picture, bytes, TRANSFER_LIMIT);
              return bytes;
            });
  }

  @Override
  public void progress(Lease lease, JobProgress.Stage stage, int step, int totalSteps) {
    attachment.tell(DenoiseJobCodec.progress(lease, stage, step, totalSteps));
  }

  @Override
  public void preview(Lease lease, EncodedPicture preview, int step) {
    attachment.show(DenoiseJobCodec.preview(lease, preview, step));
  }

  @Override
  public void complete(Lease lease, long denoiseMillis, long decodeMillis) {
    attachment.deliver(lease, DenoiseJobCodec.complete(lease, denoiseMillis, decodeMillis));
  }

  @Override
  public void giveBack(Lease lease, Fault fault, String reason, String message) {
    attachment.deliver(lease, DenoiseJobCodec.nack(lease, fault, reason, message));
  }

  @Override
  public void ready() {
    attachment.ready();
  }

  /** Hangs up. */
  @Override
  public void close() {
    attachment.close();
    GrpcChannels.close(channel);
  }

  private interface Transfer<T> {
    T run();
  }

  /** A gateway that restarts is back within seconds; everything else is not mended by waiting. */
  private <T> T retrying(Lease lease, String what, Transfer<T> transfer) {
    for (int attempt = 1; ; attempt++) {
      try {
        return transfer.run();
      } catch (StatusRuntimeException e) {
        Failure failure = Failure.ofCall(e);
        if (failure.reason().equals("LEASE_LOST")) {
          throw new LeaseLostException(lease, e);
        }
        if (failure.code() != Status.Code.UNAVAILABLE || attempt == ATTEMPTS) {
          throw new JobFailedException(
              Fault.SURROUNDINGS, failure.reason(), what + ": " + failure.message(), e);
        }
        LOG.info("{}: {} (attempt {} of {})", what, failure.message(), attempt, ATTEMPTS);
      }
      pause(attempt);
      if (leases.stopped(lease) != null) {
        throw new JobStoppedException(0, 0);
      }
    }
  }

  private static void pause(int attempt) {
    try {
      Thread.sleep(Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << attempt));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JobFailedException(
          Fault.PREEMPTION, "PREEMPTED", "interrupted while waiting for the gateway", e);
    }
  }
}
