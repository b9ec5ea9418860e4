package dev.fluxgate.denoiser.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.DownloadInputRequest;
import dev.fluxgate.v1.DownloadInputResponse;
import dev.fluxgate.v1.UploadImageRequest;
import dev.fluxgate.v1.UploadImageResponse;
import dev.fluxgate.v1.WorkerPlaneServiceGrpc.WorkerPlaneServiceImplBase;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A gateway that sends the very messages of a test, and then ends the call, or breaks it. */
final class ScriptedTransfers extends WorkerPlaneServiceImplBase {
  /** What ends one call after the other; where there is none, it ends well. */
  final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();

  /** Every part of every picture that was taken whole. */
  final Queue<UploadImageRequest> uploaded = new ConcurrentLinkedQueue<>();

  volatile List<DownloadEmbeddingResponse> embedding = List.of();
  volatile List<DownloadInputResponse> input = List.of();
  volatile @Nullable UploadImageResponse stored = UploadImageResponse.getDefaultInstance();
  volatile ByteString asked = ByteString.EMPTY;

  @Override
  public void downloadEmbedding(
      DownloadEmbeddingRequest request, StreamObserver<DownloadEmbeddingResponse> response) {
    asked = request.getSha256();
    embedding.forEach(response::onNext);
    end(response);
  }

  @Override
  public void downloadInput(
      DownloadInputRequest request, StreamObserver<DownloadInputResponse> response) {
    asked = request.getSha256();
    input.forEach(response::onNext);
    end(response);
  }

  private void end(StreamObserver<?> response) {
    RuntimeException failure = failures.poll();
    if (failure == null) {
      response.onCompleted();
    } else {
      response.onError(failure);
    }
  }

  @Override
  public StreamObserver<UploadImageRequest> uploadImage(
      StreamObserver<UploadImageResponse> response) {
    return new StreamObserver<>() {
      @Override
      public void onNext(UploadImageRequest part) {
        uploaded.add(part);
      }

      @Override
      public void onError(Throwable thrown) {
        // The worker's end, of which it knows itself.
      }

      @Override
      public void onCompleted() {
        UploadImageResponse answer = stored;
        if (answer != null && failures.isEmpty()) {
          response.onNext(answer);
        }
        end(response);
      }
    };
  }
}
