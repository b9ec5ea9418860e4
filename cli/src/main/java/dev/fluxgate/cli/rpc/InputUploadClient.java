package dev.fluxgate.cli.rpc;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.UploadInputResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Hands pictures and tensors to a gateway, which jobs then name by their hash. */
public final class InputUploadClient {
  private static final int DEADLINE_SECONDS = 600;

  private final Channel channel;
  private final Function<io.grpc.StatusRuntimeException, RuntimeException> translation;

  /** Uploads over {@code channel}; {@code translation} says what a failed call means. */
  InputUploadClient(
      Channel channel, Function<io.grpc.StatusRuntimeException, RuntimeException> translation) {
    this.channel = channel;
    this.translation = translation;
  }

  /**
   * Uploads a picture's file.
   *
   * @return what a job names it by
   * @throws dev.fluxgate.cli.failure.RequestRefusedException if it is none that the gateway takes
   */
  public ByteString picture(ByteString file) {
    InputImageHeader header =
        InputImageHeader.newBuilder()
            .setByteSize(file.size())
            .setSha256(ContentHash.of(file))
            .build();
    return upload(InputHeader.newBuilder().setImage(header).build(), file);
  }

  /** Uploads a tensor; what a job names it by. */
  public ByteString tensor(PackedTensor tensor) {
    return upload(InputHeader.newBuilder().setTensor(tensor.header()).build(), tensor.data());
  }

  private ByteString upload(InputHeader header, ByteString bytes) {
    Upload upload = new Upload(header, TensorChunks.chunks(bytes, 0));
    var _ =
        ImageGenerationServiceGrpc.newStub(channel)
            .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
            .uploadInput(upload);
    try {
      return upload.stored.join().getSha256();
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      // The reason of a gateway of ours is in the trailers.
      throw translation.apply(
          Status.fromThrowable(cause).asRuntimeException(Status.trailersFromThrowable(cause)));
    }
  }

  /** Sends as fast as the network takes it. */
  private static final class Upload
      implements ClientResponseObserver<UploadInputRequest, UploadInputResponse> {
    private final CompletableFuture<UploadInputResponse> stored = new CompletableFuture<>();
    private final InputHeader header;
    private final Iterator<TensorChunk> chunks;
    private boolean begun;
    private boolean ended;

    Upload(InputHeader header, Iterator<TensorChunk> chunks) {
      this.header = header;
      this.chunks = chunks;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<UploadInputRequest> call) {
      call.setOnReadyHandler(() -> send(call));
    }

    private void send(ClientCallStreamObserver<UploadInputRequest> call) {
      if (!begun) {
        begun = true;
        call.onNext(UploadInputRequest.newBuilder().setHeader(header).build());
      }
      while (call.isReady() && chunks.hasNext()) {
        call.onNext(UploadInputRequest.newBuilder().setData(chunks.next().getData()).build());
      }
      if (!chunks.hasNext() && !ended) {
        ended = true;
        call.onCompleted();
      }
    }

    @Override
    public void onNext(UploadInputResponse response) {
      boolean _ = stored.complete(response);
    }

    @Override
    public void onError(Throwable thrown) {
      boolean _ = stored.completeExceptionally(thrown);
    }

    @Override
    public void onCompleted() {
      boolean _ =
          stored.completeExceptionally(
              Status.INTERNAL.withDescription("no answer to an upload").asRuntimeException());
    }
  }
}
