package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.v1.UploadHeader;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadImageResponse;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** One picture on its way to the gateway: header, then chunks as the transport has room. */
final class PictureUploadClient
    implements ClientResponseObserver<UploadImageRequest, UploadImageResponse> {
  private final UploadHeader header;
  private final ByteString bytes;
  private final CompletableFuture<UploadImageResponse> stored = new CompletableFuture<>();
  private boolean begun;
  private int sent;

  private PictureUploadClient(UploadHeader header, ByteString bytes) {
    this.header = header;
    this.bytes = bytes;
  }

  /**
   * Uploads; blocks until the gateway has stored the picture.
   *
   * @throws io.grpc.StatusRuntimeException if it has not
   */
  static void upload(
      ManagedChannel channel,
      Lease lease,
      EncodedPicture picture,
      ByteString bytes,
      Duration limit) {
    UploadHeader header =
        UploadHeader.newBuilder()
            .setLease(DenoiseJobCodec.lease(lease))
            .setImage(DenoiseJobCodec.image(picture, bytes))
            .build();
    PictureUploadClient upload = new PictureUploadClient(header, bytes);
    var _ =
        WorkerPlaneServiceGrpc.newStub(channel)
            .withDeadlineAfter(limit.toMillis(), TimeUnit.MILLISECONDS)
            .uploadImage(upload);
    upload.await();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<UploadImageRequest> requests) {
    requests.setOnReadyHandler(() -> send(requests));
  }

  private void send(ClientCallStreamObserver<UploadImageRequest> requests) {
    while (requests.isReady() && sent < bytes.size()) {
      if (!begun) {
        begun = true;
        requests.onNext(UploadImageRequest.newBuilder().setHeader(header).build());
        continue;
      }
      int end = Math.min(bytes.size(), sent + TensorChunks.MAX_CHUNK_BYTES);
      requests.onNext(UploadImageRequest.newBuilder().setData(bytes.substring(sent, end)).build());
      sent = end;
      if (sent == bytes.size()) {
        requests.onCompleted();
      }
    }
  }

  @Override
  public void onNext(UploadImageResponse response) {
    stored.complete(response);
  }

  @Override
  public void onError(Throwable thrown) {
    stored.completeExceptionally(thrown);
  }

  @Override
  public void onCompleted() {
    stored.completeExceptionally(
        Status.INTERNAL.withDescription("the upload ended without an answer").asException());
  }

  private void await() {
    try {
      var _ = stored.get();
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e.getCause())
          .asRuntimeException(Status.trailersFromThrowable(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
    }
  }
}
