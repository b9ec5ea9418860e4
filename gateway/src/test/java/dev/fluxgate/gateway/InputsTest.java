package dev.fluxgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import dev.fluxgate.proto.tensor.ContentHash;
import dev.fluxgate.proto.tensor.PackedTensor;
import dev.fluxgate.proto.tensor.TensorChunks;
import dev.fluxgate.proto.tensor.TensorIdentity;
import dev.fluxgate.serving.Failure;
import dev.fluxgate.serving.GrpcChannels;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import dev.fluxgate.v1.Assign;
import dev.fluxgate.v1.DType;
import dev.fluxgate.v1.DownloadEmbeddingRequest;
import dev.fluxgate.v1.DownloadInputRequest;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.ImageGenerationServiceGrpc;
import dev.fluxgate.v1.ImageInfo;
import dev.fluxgate.v1.InlineTensor;
import dev.fluxgate.v1.InputHeader;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputImageHeader;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.JobState;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.TensorHeader;
import dev.fluxgate.v1.UploadInputRequest;
import dev.fluxgate.v1.UploadInputResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pictures and tensors that requests bring, and what is asked for beside a prompt. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InputsTest {
  private static final ByteString PICTURE = TestPng.of(64, 32, 700_000);

  private final GatewayFixture gateway = new GatewayFixture();
  private final ManagedChannel channel = GrpcChannels.open("127.0.0.1:" + gateway.port());

  @AfterEach
  void close() {
    channel.shutdownNow();
    gateway.close();
  }

  @Test
  void givesTheWorkerThePicturesOfAnEdit() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      ByteString small = TestPng.of(16, 16, 100);
      ByteString uploaded = upload(picture(PICTURE), PICTURE).getSha256();
      Job job =
          gateway.create(
              "",
              GenerationParameters.newBuilder()
                  .setPrompt("make it blue")
                  .addImages(InputImage.newBuilder().setSha256(uploaded))
                  .addImages(InputImage.newBuilder().setData(small))
                  .setStrength(0.5f)
                  .setPipeline("FluxImg2ImgPipeline")
                  .build());

      assertThat(job.getParameters().getImages(1).getSha256()).isEqualTo(ContentHash.of(small));
      assertThat(job.getParameters().getImages(1).hasData()).isFalse();
      assertThat(job.getParameters().hasWidth()).isFalse();
      Assign assign = worker.nextAssign();
      assertThat(assign.getInputsList())
          .extracting(ref -> ref.getByteSize())
          .containsExactly((long) PICTURE.size(), (long) small.size());
      assertThat(assign.getPlan())
          .isEqualTo(worker.plans.take().toBuilder().clearId().clearParameters().build());
      assertThat(assign.getParameters().getStrength()).isEqualTo(0.5f);
      assertThat(download(worker, uploaded)).isEqualTo(PICTURE);
    }
  }

  @Test
  void encodesTheNegativePromptInPlaceOfTheEmptyOne() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      gateway.create(
          "",
          GenerationParameters.newBuilder()
              .setPrompt("a cat")
              .setPrompt2("a black cat")
              .setNegativePrompt("a dog")
              .setTrueCfgScale(2)
              .build());
      Assign assign = worker.nextAssign();

      assertThat(gateway.encoder.encoded)
          .extracting(request -> request.getPrompt() + "|" + request.getPrompt2())
          .containsExactly("a cat|a black cat", "a dog|");
      assertThat(assign.getPooledPromptEmbeds().getSha256())
          .isEqualTo(TensorIdentity.of(FakeEncoder.pool("a cat").header()));
      assertThat(assign.getNegativePooledPromptEmbeds().getSha256())
          .isEqualTo(TensorIdentity.of(FakeEncoder.pool("a dog").header()));
      assertThat(
              worker
                  .blocking()
                  .downloadEmbedding(
                      DownloadEmbeddingRequest.newBuilder()
                          .setSha256(assign.getNegativePooledPromptEmbeds().getSha256())
                          .build())
                  .next()
                  .getHeader())
          .isEqualTo(FakeEncoder.pool("a dog").header());
    }
  }

  @Test
  void passesExplicitEmbeddingsOnWithoutAnEncoder() throws Exception {
    gateway.encoder.close();
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      PackedTensor embeds = tensor(5, FakeEncoder.HIDDEN);
      PackedTensor pooled = tensor(FakeEncoder.POOLED);
      ByteString id = upload(header(embeds), embeds.data()).getSha256();
      gateway.create(
          "",
          GenerationParameters.newBuilder()
              .setPromptEmbeds(InputTensor.newBuilder().setSha256(id))
              .setPooledPromptEmbeds(inline(pooled))
              .build());
      Assign assign = worker.nextAssign();

      assertThat(assign.getPromptEmbeds().getSha256()).isEqualTo(id);
      assertThat(assign.getPooledPromptEmbeds().getSha256())
          .isEqualTo(TensorIdentity.of(pooled.header()));
      assertThat(
              worker
                  .blocking()
                  .downloadEmbedding(DownloadEmbeddingRequest.newBuilder().setSha256(id).build())
                  .next()
                  .getHeader())
          .isEqualTo(embeds.header());
      assertThat(gateway.encoder.encoded).isEmpty();
    }
  }

  @Test
  void takesOtherFormatsAndLatents() throws Exception {
    try (FakeWorker worker = FakeWorker.able(gateway.port(), "w")) {
      Job latents =
          gateway.create(
              "",
              GenerationParameters.newBuilder()
                  .setPrompt("p")
                  .setOutputType(OutputType.OUTPUT_TYPE_LATENTS)
                  .build());
      Assign assign = worker.nextAssign();
      ByteString file = ByteString.copyFrom(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, '{', '}', 1, 2, 3});
      ImageInfo info =
          FakeWorker.info(file).toBuilder().setMediaType("application/vnd.safetensors").build();
      assertThat(catchThrowable(() -> worker.upload(assign, PICTURE)))
          .hasStackTraceContaining("media_type: image/png");
      worker.upload(assign.getLease(), info, file, 1 << 20);
      worker.complete(assign.getLease());

      Job done = gateway.await(latents.getId(), JobState.JOB_STATE_SUCCEEDED);
      assertThat(done.getImages(0).getMediaType()).isEqualTo("application/vnd.safetensors");
      assertThat(gateway.download(latents.getId(), 0, 0)).isEqualTo(file);
    }
  }

  @Test
  void refusesUploadsThatAreNotWhatTheyAnnounce() throws Exception {
    PackedTensor tensor = tensor(2, 3);
    TensorHeader wrongSize = tensor.header().toBuilder().setByteSize(20).build();

    assertThat(refusal(picture(PICTURE), PICTURE.substring(1)))
        .isEqualTo("DATA_LOSS input: 699999 bytes (expected: 700000 bytes)");
    assertThat(refusal(picture(PICTURE), PICTURE.substring(1).concat(ByteString.copyFromUtf8("x"))))
        .startsWith("DATA_LOSS input: sha256 ");
    assertThat(refusal(picture(PICTURE), PICTURE.concat(PICTURE)))
        .startsWith("DATA_LOSS input: 1048576 bytes at 0 (expected: 1..700000)");
    assertThat(
            refusal(
                InputHeader.newBuilder()
                    .setImage(
                        InputImageHeader.newBuilder()
                            .setByteSize(1L << 40)
                            .setSha256(ContentHash.of(PICTURE)))
                    .build(),
                PICTURE))
        .isEqualTo("INVALID_ARGUMENT byte_size: 1099511627776 (expected: 1.." + (64 << 20) + ")");
    assertThat(refusal(InputHeader.newBuilder().setTensor(wrongSize).build(), tensor.data()))
        .contains("INVALID_ARGUMENT")
        .contains("byte_size: 20 (expected: 24 for this shape and pad row)");
    ByteString text = ByteString.copyFromUtf8("no picture");
    assertThat(refusal(picture(text), text))
        .isEqualTo("INVALID_ARGUMENT image: unknown format (expected: PNG, JPEG or WebP)");
  }

  @Test
  void tellsAllThatIsWrongWithTheInputsAtOnce() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      InputImage image = InputImage.newBuilder().setData(TestPng.of(16, 16, 100)).build();
      GenerationParameters eleven =
          GenerationParameters.newBuilder()
              .setPrompt("p")
              .addAllImages(Collections.nCopies(11, image))
              .setStrength(1.1f)
              .setImageReference(image)
              .addAllSigmas(List.of(1f, 0.5f, 0.5f))
              .addAllSeeds(List.of(1L, 2L))
              .setTileSize(8)
              .setTileOverlap(1)
              .setPipeline("FluxFillPipeline")
              .setNegativePrompt("n")
              .setMaxSequenceLength(257)
              .build();

      assertThat(violations(eleven))
          .containsExactlyInAnyOrder(
              "images: 11 pictures (expected: at most 10)",
              "strength: 1.1 (expected: above 0, at most 1)",
              "image_reference: without a mask (expected: mask_image, into which the reference is"
                  + " painted)",
              "sigmas: 0.5 (expected: descending within (0, 1])",
              "seeds: 2 seeds (expected: 1, as many as num_images, or none)",
              "tile_size: 8 (expected: 16..8192)",
              "tile_overlap: 1.0 (expected: at least 0, below 1)",
              "pipeline: FluxFillPipeline (expected: one of FluxPipeline, FluxImg2ImgPipeline)",
              "negative_prompt: without guidance by it (expected: true_cfg_scale above 1, not"
                  + " none)",
              "max_sequence_length: 257 (expected: 1..256)");
    }
  }

  @Test
  void refusesAMaskWithoutAPictureAndLatentsThatAreNotThere() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      InputImage image = InputImage.newBuilder().setData(TestPng.of(16, 16, 100)).build();
      GenerationParameters maskAlone =
          GenerationParameters.newBuilder()
              .setPrompt("p")
              .setMaskImage(image)
              .setStrength(0)
              .setLatents(InputTensor.newBuilder().setSha256(ContentHash.of(PICTURE)))
              .build();

      assertThat(violations(maskAlone))
          .containsExactlyInAnyOrder(
              "mask_image: without a picture (expected: images, of which the mask tells what to"
                  + " paint anew)",
              "strength: 0.0 (expected: above 0, at most 1)",
              "strength: 0.0 (expected: none without images to start from)",
              "mask_image: given (expected: none, since toy has FluxPipeline, FluxImg2ImgPipeline)",
              "latents: "
                  + HexFormat.of().formatHex(ContentHash.of(PICTURE).toByteArray())
                  + " (expected: an input that is in store; upload it again)");
    }
  }

  @Test
  void refusesEmbeddingsBesideAPromptAndOfAnotherWidth() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      PackedTensor narrow = tensor(5, FakeEncoder.HIDDEN - 1);
      GenerationParameters embeds =
          GenerationParameters.newBuilder()
              .setPrompt("p")
              .setPromptEmbeds(inline(narrow))
              .setFormat(ImageFormat.IMAGE_FORMAT_WEBP)
              .build();

      assertThat(violations(embeds))
          .containsExactlyInAnyOrder(
              "prompt_embeds: beside a prompt (expected: one of both, the prompt empty)",
              "prompt_embeds: [5, 7] (expected: [1..256 tokens, 8])",
              "pooled_prompt_embeds: none (expected: one of width 4 beside prompt_embeds)");
    }
  }

  @Test
  void refusesWhatNobodyCanRewrite() throws Exception {
    try (FakeWorker _ = FakeWorker.able(gateway.port(), "w")) {
      GenerationParameters.Builder parameters = GenerationParameters.newBuilder().setPrompt("p");
      parameters.getUpsamplingBuilder();

      assertThat(violations(parameters.build()))
          .containsExactly(
              "upsampling: by encoder (expected: none, since this gateway has no such upsampler"
                  + " for toy)");
    }
  }

  private List<String> violations(GenerationParameters parameters) {
    Failure failure = Failure.ofCall(catchThrowable(() -> gateway.create("", parameters)));
    assertThat(failure.code()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    return failure.violations().stream().map(Violation::description).toList();
  }

  private static ByteString download(FakeWorker worker, ByteString sha256) {
    List<ByteString> parts = new ArrayList<>();
    worker
        .blocking()
        .downloadInput(DownloadInputRequest.newBuilder().setSha256(sha256).build())
        .forEachRemaining(message -> parts.add(message.getChunk().getData()));
    return ByteString.copyFrom(parts);
  }

  private static PackedTensor tensor(long... shape) {
    int bytes = (int) Arrays.stream(shape).reduce(4, (a, b) -> a * b);
    ByteBuffer data = ByteBuffer.allocate(bytes);
    for (int i = 0; i < bytes; i++) {
      data.put(i, (byte) i);
    }
    return TensorChunks.pack("embeds", DType.D_TYPE_F32, shape, data);
  }

  private static InputTensor inline(PackedTensor tensor) {
    return InputTensor.newBuilder()
        .setInline(InlineTensor.newBuilder().setHeader(tensor.header()).setData(tensor.data()))
        .build();
  }

  private static InputHeader header(PackedTensor tensor) {
    return InputHeader.newBuilder().setTensor(tensor.header()).build();
  }

  private static InputHeader picture(ByteString file) {
    return InputHeader.newBuilder()
        .setImage(
            InputImageHeader.newBuilder().setByteSize(file.size()).setSha256(ContentHash.of(file)))
        .build();
  }

  private String refusal(InputHeader header, ByteString bytes) throws Exception {
    try {
      upload(header, bytes);
    } catch (ExecutionException e) {
      Failure failure = Failure.ofCall(Objects.requireNonNull(e.getCause()));
      return failure.code() + " " + failure.message();
    }
    throw new AssertionError("stored");
  }

  private UploadInputResponse upload(InputHeader header, ByteString bytes) throws Exception {
    CompletableFuture<UploadInputResponse> answer = new CompletableFuture<>();
    StreamObserver<UploadInputRequest> upload =
        ImageGenerationServiceGrpc.newStub(channel)
            .uploadInput(
                new StreamObserver<>() {
                  @Override
                  public void onNext(UploadInputResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable thrown) {
                    answer.completeExceptionally(thrown);
                  }

                  @Override
                  public void onCompleted() {}
                });
    upload.onNext(UploadInputRequest.newBuilder().setHeader(header).build());
    for (int at = 0; at < bytes.size() && !answer.isDone(); at += 1 << 20) {
      upload.onNext(
          UploadInputRequest.newBuilder()
              .setData(bytes.substring(at, Math.min(bytes.size(), at + (1 << 20))))
              .build());
    }
    upload.onCompleted();
    return answer.get(20, TimeUnit.SECONDS);
  }
}
