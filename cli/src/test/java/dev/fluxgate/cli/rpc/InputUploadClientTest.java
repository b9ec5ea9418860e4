package dev.fluxgate.cli.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fluxgate.cli.failure.GenerationFailedException;
import dev.fluxgate.cli.failure.RequestRefusedException;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.QueueFullException;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.ImageGenerationServiceGrpc.ImageGenerationServiceImplBase;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.UploadInputResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Uploads to a gateway that takes them, breaks off or is lost. */
class InputUploadClientTest {
  /** Several pieces, and more than a connection buffers. */
  private static final ByteString LARGE = random(20 << 20);

  private static final ByteString NAME = ByteString.copyFromUtf8("what a job names it by");

  private final FakeGateway gateway = new FakeGateway();
  private final ServedGateway server = new ServedGateway(gateway);
  private final ImageGenerationClient client = ImageGenerationClient.dial(server.address());

  @AfterEach
  void closes() {
    client.close();
    server.close();
  }

  @Test
  void sendsAPictureInPieces() {
    assertThat(client.uploads().picture(LARGE)).isEqualTo(NAME);

    assertThat(gateway.received.getFirst().getHeader().getImage())
        .isEqualTo(
            InputImageHeader.newBuilder()
                .setByteSize(LARGE.size())
                .setSha256(ContentHash.of(LARGE))
                .build());
    assertThat(gateway.data()).hasSizeGreaterThan(1).allMatch(piece -> piece.size() <= 1 << 20);
    assertThat(ByteString.copyFrom(gateway.data())).isEqualTo(LARGE);
    assertThat(gateway.whole).isTrue();
  }

  @Test
  void sendsATensorWithItsHeader() {
    PackedTensor tensor =
        TensorChunks.pack(
            "latents", DType.D_TYPE_F32, new long[] {2, 3}, random(24).asReadOnlyByteBuffer());

    assertThat(client.uploads().tensor(tensor)).isEqualTo(NAME);

    assertThat(gateway.received.getFirst().getHeader().getTensor()).isEqualTo(tensor.header());
    assertThat(ByteString.copyFrom(gateway.data())).isEqualTo(tensor.data());
  }

  @Test
  void sendsTheHeaderOfNothingToo() {
    gateway.failure.set(new InvalidFieldException("image", "image: 0 bytes (expected: more)"));

    assertThatThrownBy(() -> client.uploads().picture(ByteString.EMPTY))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("image: 0 bytes (expected: more)");
  }

  @Test
  void stopsWhereTheGatewayRefusesHalfWay() {
    gateway.failure.set(new InvalidFieldException("image", "image: a GIF (expected: a PNG)"));
    gateway.failsAfter = 2;

    assertThatThrownBy(() -> client.uploads().picture(LARGE))
        .isInstanceOf(RequestRefusedException.class)
        .hasMessage("image: a GIF (expected: a PNG)");
    assertThat(gateway.whole).isFalse();
  }

  @Test
  void tellsWhyAGatewayCannotTakeMore() {
    gateway.failure.set(
        new QueueFullException("inputs: full (expected: 1 MiB free)", Duration.ofSeconds(1)));
    gateway.failsAfter = 1;

    assertThatThrownBy(() -> client.uploads().picture(LARGE))
        .isInstanceOf(GenerationFailedException.class)
        .hasMessage("inputs: full (expected: 1 MiB free)");
  }

  @Test
  void failsWhereTheConnectionIsLostHalfWay() throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ImageGenerationClient lost =
            ImageGenerationClient.dial("127.0.0.1:" + listener.getLocalPort())) {
      Thread.ofVirtual().start(() -> hangUp(listener));

      assertThatThrownBy(() -> lost.uploads().picture(LARGE))
          .isInstanceOf(GenerationFailedException.class)
          .hasMessageStartingWith("server: 127.0.0.1:" + listener.getLocalPort() + ": ")
          .hasMessageContaining("(expected: a gateway that answers");
    }
  }

  private static void hangUp(ServerSocket listener) {
    try (Socket connection = listener.accept()) {
      byte[] _ = connection.getInputStream().readNBytes(1);
    } catch (IOException _) {
      // The test is over.
    }
  }

  private static ByteString random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return ByteString.copyFrom(ByteBuffer.wrap(bytes));
  }

  private static final class FakeGateway extends ImageGenerationServiceImplBase {
    private final List<UploadInputRequest> received =
        Collections.synchronizedList(new ArrayList<>());
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private volatile int failsAfter;
    private volatile boolean whole;

    /** The pieces that came. */
    List<ByteString> data() {
      return received.stream()
          .filter(UploadInputRequest::hasData)
          .map(UploadInputRequest::getData)
          .toList();
    }

    @Override
    public StreamObserver<UploadInputRequest> uploadInput(
        StreamObserver<UploadInputResponse> answer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(UploadInputRequest request) {
          received.add(request);
          RuntimeException wanted = failure.get();
          if (wanted != null && received.size() > failsAfter) {
            throw wanted;
          }
        }

        @Override
        public void onError(Throwable thrown) {
          // The client's end, of which it knows itself.
        }

        @Override
        public void onCompleted() {
          whole = true;
          answer.onNext(UploadInputResponse.newBuilder().setSha256(NAME).build());
          answer.onCompleted();
        }
      };
    }
  }
}
