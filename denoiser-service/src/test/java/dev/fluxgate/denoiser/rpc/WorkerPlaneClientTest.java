package dev.fluxgate.denoiser.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.DenoiseJob;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.EmbeddingStore;
import dev.fluxgate.denoiser.job.InputRef;
import dev.fluxgate.denoiser.job.InputRefs;
import dev.fluxgate.denoiser.job.Lease;
import dev.fluxgate.denoiser.job.LeaseKeeper;
import dev.fluxgate.denoiser.job.LeaseLostException;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingModel;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobFailedException.Fault;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.denoiser.picture.Pictures;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcServer;
import dev.fluxgate.serving.StatusMapping;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.DownloadEmbeddingResponse;
import dev.fluxgate.v1.DownloadInputResponse;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.TensorChunk;
import dev.fluxgate.v1.UploadImageRequest;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes on their way between worker and gateway, where the gateway does not do as it should. */
@Timeout(60)
class WorkerPlaneClientTest {
  private static final Lease LEASE = new Lease("a", 1);
  private static final ByteString FILE = ByteString.copyFrom(new byte[(1 << 20) + 7]);
  private static final PackedTensor TENSOR = tensor(DType.D_TYPE_F32, 4);

  private final ScriptedTransfers gateway = new ScriptedTransfers();
  private final GrpcServer server =
      GrpcServer.start("127.0.0.1", 0, StatusMapping.standard(), List.of(gateway));
  private final LeaseKeeper leases = new LeaseKeeper();
  private final WorkerPlaneClient client =
      new WorkerPlaneClient(
          "127.0.0.1:" + server.port(),
          "worker",
          new Undrawn(),
          leases,
          new EmbeddingStore(1 << 20),
          job -> {});

  @BeforeEach
  void takesALease() {
    leases.take(
        new DenoiseJob(
            LEASE,
            new Drawing("", 16, 16, 1, 1, 0, 1, true, 0, DrawingOptions.NONE),
            new DenoiseJob.Text(ref(TENSOR), null),
            null,
            InputRefs.NONE,
            null,
            null,
            ""));
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void fetchesATensorByItsIdentity() {
    gateway.embedding = messages(TENSOR);

    assertThat(client.fetch(LEASE, ref(TENSOR)).toFloats()).containsExactly(1, 1, 1, 1, 1, 1);
    assertThat(gateway.asked).isEqualTo(TensorIdentity.of(TENSOR.header()));
  }

  @Test
  void takesAnEndWithoutAWordForAFaultOfTheSurroundings() {
    assertThat(embeddingFails())
        .isEqualTo(
            "SURROUNDINGS EMBEDDING_CORRUPT embedding: no message (expected: a header, then its"
                + " bytes)");
    assertThat(inputFails())
        .isEqualTo(
            "SURROUNDINGS INPUT_CORRUPT input: no message (expected: a header, then its bytes)");
  }

  @Test
  void refusesTensorsThatAreCutOrHaveNoHeader() {
    List<DownloadEmbeddingResponse> whole = messages(TENSOR);

    gateway.embedding = whole.subList(0, 1);
    assertThat(embeddingFails()).startsWith("SURROUNDINGS EMBEDDING_CORRUPT ");
    gateway.embedding = whole.subList(1, 2);
    assertThat(embeddingFails()).startsWith("SURROUNDINGS EMBEDDING_CORRUPT ");
    gateway.embedding = Stream.concat(whole.stream(), whole.stream().skip(1)).toList();
    assertThat(embeddingFails()).startsWith("SURROUNDINGS EMBEDDING_CORRUPT ");
    gateway.embedding = List.of(whole.get(0), whole.get(0));
    assertThat(embeddingFails()).startsWith("SURROUNDINGS EMBEDDING_CORRUPT ");
  }

  @Test
  void refusesAnotherTensorThanTheOneItAskedFor() {
    PackedTensor other = tensor(DType.D_TYPE_BF16, 2);
    gateway.embedding = messages(other);

    assertThat(embeddingFails())
        .isEqualTo(
            "SURROUNDINGS EMBEDDING_CORRUPT embedding: %s (expected: %s)"
                .formatted(ref(other).sha256(), ref(TENSOR).sha256()));
  }

  @Test
  void blamesTheRequestForATensorOfBytes() {
    PackedTensor bytes = tensor(DType.D_TYPE_U8, 1);
    gateway.embedding = messages(bytes);

    assertThatExceptionOfType(JobFailedException.class)
        .isThrownBy(() -> client.fetch(LEASE, ref(bytes)))
        .withMessage("dtype: D_TYPE_U8 (expected: F32, BF16 or F16)")
        .satisfies(e -> assertThat(e.fault()).isEqualTo(Fault.REQUEST))
        .satisfies(e -> assertThat(e.reason()).isEqualTo("INVALID_REQUEST"));
  }

  @Test
  void fetchesAFileInItsPieces() {
    gateway.input = messages(FILE.size(), FILE.substring(0, 1 << 20), FILE.substring(1 << 20));

    assertThat(client.fetch(LEASE, file())).isEqualTo(FILE.toByteArray());
    assertThat(gateway.asked).isEqualTo(ContentHash.of(FILE));
  }

  @Test
  void refusesFilesThatAreNotWhatWasAskedFor() {
    gateway.input = messages(FILE.size(), FILE.substring(0, 1 << 20));
    assertThat(inputFails()).startsWith("SURROUNDINGS INPUT_CORRUPT input: 1048576 bytes of ");
    gateway.input = messages(5, FILE.substring(0, 1 << 20), FILE.substring(1 << 20));
    assertThat(inputFails())
        .as("it stops at the first byte too many")
        .startsWith("SURROUNDINGS INPUT_CORRUPT input: 1048576 bytes of ");
  }

  @Test
  void refusesHeadersThatAnnounceNoFile() {
    String expected = " bytes (expected: IMAGE of 1..268435456)";
    gateway.input = messages(0);
    assertThat(inputFails()).isEqualTo("SURROUNDINGS INPUT_CORRUPT input: IMAGE of 0" + expected);
    gateway.input = messages((256L << 20) + 1);
    assertThat(inputFails())
        .isEqualTo("SURROUNDINGS INPUT_CORRUPT input: IMAGE of 268435457" + expected);
    gateway.input =
        List.of(
            DownloadInputResponse.newBuilder()
                .setHeader(InputHeader.newBuilder().setTensor(TENSOR.header()))
                .build());
    assertThat(inputFails()).isEqualTo("SURROUNDINGS INPUT_CORRUPT input: TENSOR of 0" + expected);
  }

  @Test
  void triesAgainWhereTheGatewayIsAwayAndNotWhereItRefuses() {
    gateway.embedding = messages(TENSOR);
    gateway.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertThat(client.fetch(LEASE, ref(TENSOR)).shape().count()).isEqualTo(6);

    gateway.failures.add(
        Failure.of(Status.Code.NOT_FOUND, "EMBEDDING_NOT_FOUND", "sha256: gone").toException());
    assertThat(embeddingFails())
        .isEqualTo(
            "SURROUNDINGS EMBEDDING_NOT_FOUND embedding %s: sha256: gone"
                .formatted(ref(TENSOR).sha256()));
  }

  @Test
  void stopsTryingForAJobThatNobodyWantsAnyMore() {
    leases.stop(LEASE, LeaseKeeper.Stop.CANCELLED);
    gateway.failures.add(Status.UNAVAILABLE.asRuntimeException());

    assertThatThrownBy(() -> client.fetch(LEASE, ref(TENSOR)))
        .isInstanceOf(JobStoppedException.class);
    assertThat(gateway.failures).isEmpty();
  }

  @Test
  void handsInAPictureBehindItsHeader() {
    client.upload(LEASE, picture());

    List<UploadImageRequest> parts = List.copyOf(gateway.uploaded);
    assertThat(parts.getFirst().getHeader().getLease().getJobId()).isEqualTo("a");
    assertThat(parts.getFirst().getHeader().getImage().getByteSize()).isEqualTo(FILE.size());
    assertThat(parts.getFirst().getHeader().getImage().getSha256()).isEqualTo(ContentHash.of(FILE));
    assertThat(parts.stream().skip(1).map(UploadImageRequest::getData))
        .containsExactly(FILE.substring(0, 1 << 20), FILE.substring(1 << 20));
  }

  @Test
  void doesNotTakeAnEndWithoutAnswerForStored() {
    gateway.stored = null;

    assertThat(fails(() -> client.upload(LEASE, picture())))
        .startsWith("SURROUNDINGS ")
        .contains(" picture 0 of job a: ");
  }

  @Test
  void tellsALeaseThatIsLostFromAnyOtherRefusal() {
    gateway.failures.add(
        Failure.of(Status.Code.FAILED_PRECONDITION, "LEASE_LOST", "an older epoch").toException());
    assertThatThrownBy(() -> client.upload(LEASE, picture()))
        .isInstanceOf(LeaseLostException.class);

    gateway.failures.add(
        Failure.of(Status.Code.INVALID_ARGUMENT, "INVALID_FIELD", "size: 1 x 1").toException());
    assertThat(fails(() -> client.upload(LEASE, picture())))
        .isEqualTo("SURROUNDINGS INVALID_FIELD picture 0 of job a: size: 1 x 1");
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    gateway.failures.add(Status.UNAVAILABLE.asRuntimeException());
    gateway.embedding = messages(TENSOR);
    Thread.currentThread().interrupt();

    JobFailedException failed =
        catchThrowableOfType(JobFailedException.class, () -> client.fetch(LEASE, ref(TENSOR)));

    assertThat(Thread.interrupted()).as("still interrupted").isTrue();
    assertThat(failed).isNotNull();
  }

  private String embeddingFails() {
    return fails(() -> client.fetch(LEASE, ref(TENSOR)));
  }

  private String inputFails() {
    return fails(() -> client.fetch(LEASE, file()));
  }

  /** Who is to blame, for what, in which words. */
  private static String fails(Runnable transfer) {
    JobFailedException e = catchThrowableOfType(JobFailedException.class, transfer::run);
    assertThat(e).isNotNull();
    return e.fault() + " " + e.reason() + " " + e.getMessage();
  }

  private static EncodedPicture picture() {
    return new EncodedPicture(0, EncodedPicture.PNG, 16, 16, FILE.toByteArray());
  }

  private static InputRef file() {
    return new InputRef(HexFormat.of().formatHex(ContentHash.of(FILE).toByteArray()));
  }

  private static List<DownloadInputResponse> messages(long size, ByteString... chunks) {
    List<DownloadInputResponse> messages = new ArrayList<>();
    messages.add(
        DownloadInputResponse.newBuilder()
            .setHeader(
                InputHeader.newBuilder().setImage(InputImageHeader.newBuilder().setByteSize(size)))
            .build());
    for (ByteString chunk : chunks) {
      messages.add(
          DownloadInputResponse.newBuilder()
              .setChunk(TensorChunk.newBuilder().setData(chunk))
              .build());
    }
    return messages;
  }

  private static List<DownloadEmbeddingResponse> messages(PackedTensor tensor) {
    List<DownloadEmbeddingResponse> messages = new ArrayList<>();
    messages.add(DownloadEmbeddingResponse.newBuilder().setHeader(tensor.header()).build());
    TensorChunks.chunks(tensor, 0)
        .forEachRemaining(
            chunk -> messages.add(DownloadEmbeddingResponse.newBuilder().setChunk(chunk).build()));
    return messages;
  }

  /** Two rows of three, as float32 all ones. */
  private static PackedTensor tensor(DType dtype, int elementBytes) {
    ByteBuffer data = ByteBuffer.allocate(6 * elementBytes).order(ByteOrder.LITTLE_ENDIAN);
    while (elementBytes == Float.BYTES && data.hasRemaining()) {
      data.putFloat(1);
    }
    return TensorChunks.pack("prompt_embeds", dtype, new long[] {2, 3}, data.clear());
  }

  private static EmbeddingRef ref(PackedTensor tensor) {
    ByteString identity = TensorIdentity.of(tensor.header());
    return new EmbeddingRef(HexFormat.of().formatHex(identity.toByteArray()), 24);
  }

  /** Has a model and draws nothing. */
  private static final class Undrawn implements PictureMaker {
    @Override
    public DrawingModel model() {
      return new DrawingModel(
          "toy",
          "flux2-dev",
          "hash",
          "mistral3",
          3,
          16,
          1 << 20,
          false,
          new DrawingModel.Defaults(16, 16, 1, 1),
          dev.fluxgate.engine.tensor.DType.F32,
          DrawingModel.Abilities.NONE);
    }

    @Override
    public Pictures draw(Drawing drawing, DrawingInputs inputs, JobProgress progress) {
      throw new AssertionError("nothing was to be drawn");
    }

    @Override
    public Need plan(Drawing drawing, DrawingInputs.Shapes shapes) {
      throw new AssertionError("nothing was to be planned");
    }

    @Override
    public void close() {}
  }
}
