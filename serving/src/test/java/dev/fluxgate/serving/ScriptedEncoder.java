package dev.fluxgate.serving;

import com.google.protobuf.ByteString;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceImplBase;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** A service whose Describe fails as told, and whose Encode answers many chunks. */
final class ScriptedEncoder extends TextEncoderServiceImplBase {
  static final int CHUNKS = 64;

  final AtomicInteger chunksMade = new AtomicInteger();
  final CountDownLatch describing = new CountDownLatch(1);
  final CountDownLatch proceed = new CountDownLatch(1);
  private final RuntimeException failure;
  private final boolean thrown;

  ScriptedEncoder(RuntimeException failure, boolean thrown) {
    this.failure = failure;
    this.thrown = thrown;
  }

  ScriptedEncoder() {
    this(new IllegalStateException("not scripted"), true);
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
    if (thrown) {
      throw failure;
    }
    response.onError(failure);
  }

  @Override
  public void encode(EncodeRequest request, StreamObserver<EncodeResponse> response) {
    if (request.getPrompt().equals("wait")) {
      describing.countDown();
      try {
        proceed.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      response.onCompleted();
      return;
    }
    ByteString data = ByteString.copyFrom(new byte[1 << 20]);
    BoundedStream.send(
        response,
        IntStream.range(0, CHUNKS)
            .mapToObj(i -> {
              chunksMade.incrementAndGet();
              return EncodeResponse.newBuilder()
                  .setChunk(
                      TensorChunk.newBuilder().setOffset((long) i << 20).setData(data).build())
                  .build();
            })
            .iterator());
  }
}
