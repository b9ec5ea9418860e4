package dev.fluxgate.gateway;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.serving.BoundedStream;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.DescribeRequest;
import dev.fluxgate.v1.DescribeResponse;
import dev.fluxgate.v1.EncodeInfo;
import dev.fluxgate.v1.EncodeRequest;
import dev.fluxgate.v1.EncodeResponse;
import dev.fluxgate.v1.TensorHeader;
import dev.fluxgate.v1.TextEncoderServiceGrpc.TextEncoderServiceImplBase;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** An encoder that speaks the protocol and makes embeddings of nothing but the prompt's hash. */
public final class FakeEncoder extends TextEncoderServiceImplBase implements AutoCloseable {
  static final int HIDDEN = 8;
  static final int LENGTH = 16;
  static final int POOLED = 4;

  final Queue<EncodeRequest> encoded = new ConcurrentLinkedQueue<>();
  volatile String modelHash = "encoder-1";
  volatile String textEncoder = "mistral3";
  volatile boolean truncates;
  volatile CountDownLatch gate = new CountDownLatch(0);
  volatile UnaryOperator<TensorHeader> header = UnaryOperator.identity();
  private final GrpcServer server;

  FakeEncoder() {
    this(0);
  }

  FakeEncoder(int port) {
    server = GrpcServer.start("127.0.0.1", port, StatusMapping.standard(), List.of(this));
  }

  String target() {
    return "127.0.0.1:" + server.port();
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
    response.onNext(
        DescribeResponse.newBuilder()
            .setFamily("toy")
            .setTextEncoder(textEncoder)
            .setModelHash(modelHash)
            .setTokenizerHash("tokenizer-1")
            .setTemplateVersion("1")
            .setDtype(DType.D_TYPE_F32)
            .setQuantization("none")
            .setDefaultMaxSequenceLength(LENGTH)
            .setMaxSequenceLengthLimit(512)
            .addDefaultOutputLayers(1)
            .setDepth(4)
            .setHiddenSize(HIDDEN)
            .setMaxPromptBytes(2 << 20)
            .build());
    response.onCompleted();
  }

  @Override
  public void encode(EncodeRequest request, StreamObserver<EncodeResponse> response) {
    encoded.add(request);
    try {
      gate.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    PackedTensor tensor = embed(request.getPrompt(), request.getMaxSequenceLength());
    List<EncodeResponse> messages = new ArrayList<>();
    messages.add(
        EncodeResponse.newBuilder()
            .setInfo(
                EncodeInfo.newBuilder()
                    .setModelHash(modelHash)
                    .setTokenizerHash("tokenizer-1")
                    .setTokenCount(3)
                    .setTruncated(truncates)
                    .setTensorCount(request.getTensorsCount()))
            .build());
    messages.add(EncodeResponse.newBuilder().setHeader(header.apply(tensor.header())).build());
    addChunks(tensor, messages);
    if (request.getTensorsList().contains("pooled_prompt_embeds")) {
      PackedTensor pooled = pool(request.getPrompt());
      messages.add(EncodeResponse.newBuilder().setHeader(pooled.header()).build());
      addChunks(pooled, messages);
    }
    BoundedStream.send(response, messages.iterator());
  }

  private static void addChunks(PackedTensor tensor, List<EncodeResponse> messages) {
    TensorChunks.chunks(tensor, 0)
        .forEachRemaining(
            chunk -> messages.add(EncodeResponse.newBuilder().setChunk(chunk).build()));
  }

  /** Waits until it was asked for so many encodings in all. */
  void awaitEncodings(int count) throws InterruptedException {
    while (encoded.size() < count) {
      Thread.sleep(1);
    }
  }

  static PackedTensor pool(String prompt) {
    ByteBuffer bytes = ByteBuffer.allocate(POOLED * 4);
    bytes.putInt(0, prompt.hashCode());
    return TensorChunks.pack("pooled_prompt_embeds", DType.D_TYPE_F32, new long[] {POOLED}, bytes);
  }

  static PackedTensor embed(String prompt, int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length * HIDDEN * 4);
    bytes.putInt(bytes.capacity() - 4, prompt.hashCode());
    return TensorChunks.pack("prompt_embeds", DType.D_TYPE_F32, new long[] {length, HIDDEN}, bytes);
  }

  static ByteString hash(String prompt) {
    return TensorIdentity.of(embed(prompt, LENGTH).header());
  }

  @Override
  public void close() {
    gate.countDown();
    server.close();
  }
}
