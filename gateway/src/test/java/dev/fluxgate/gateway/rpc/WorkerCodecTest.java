package dev.fluxgate.gateway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import dev.fluxgate.gateway.event.Preview;
import dev.fluxgate.gateway.image.StoredImage;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.NackReason;
import dev.fluxgate.gateway.worker.PlanAnswer;
import dev.fluxgate.gateway.worker.WorkerGreeting;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.GenerationDefaults;
import dev.fluxgate.v1.Hello;
import dev.fluxgate.v1.LeaseRef;
import dev.fluxgate.v1.ModelDescription;
import dev.fluxgate.v1.Nack;
import dev.fluxgate.v1.PlanResult;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Workers are not trusted: each thing that one may say of itself or a picture, said wrongly. */
class WorkerCodecTest {
  private static final ByteString HASH = ByteString.copyFrom(new byte[32]);

  @Test
  void takesAWorkerAtItsWord() {
    LeaseRef lease = LeaseRef.newBuilder().setJobId("a").setEpoch(3).build();
    WorkerGreeting greeting =
        WorkerCodec.greeting(hello().addHeldEmbeddings(HASH).addHeldLeases(lease).build());

    assertThat(greeting.workerId()).isEqualTo("w");
    assertThat(greeting.heldEmbeddings()).containsExactly(HASH);
    assertThat(greeting.heldLeases())
        .containsExactly(new dev.fluxgate.gateway.job.LeaseRef("a", 3));
    assertThat(greeting.model().defaults().numInferenceSteps()).isEqualTo(4);
  }

  @Test
  void refusesAnotherProtocolAndNamesThatAreNone() {
    refused(hello -> hello.setProtocol(2), "protocol: 2 (expected: 1)");
    refused(hello -> hello.setWorkerId(""), "hello.worker_id: 0 characters (expected: 1..128)");
    refused(
        hello -> hello.setInstanceId("i".repeat(129)),
        "hello.instance_id: 129 characters (expected: 1..128)");
    model(model -> model.setFamily(""), "hello.model.family: 0 characters (expected: 1..128)");
    model(
        model -> model.setTextEncoder(""),
        "hello.model.text_encoder: 0 characters (expected: 1..128)");
    model(
        model -> model.setModelHash(""), "hello.model.model_hash: 0 characters (expected: 1..128)");
    model(
        model -> model.addPipelines("A").addPipelines(""),
        "hello.model.pipelines: 0 characters (expected: 1..128)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".toy", "Toy", "to y", "tö", "../toy"})
  void refusesModelNamesThatNoPathMayHold(String name) {
    model(
        model -> model.setName(name),
        "name: "
            + name
            + " (expected: 1 to 64 of a-z, 0-9, \".\", \"_\" and \"-\", the first no \".\")");
  }

  @Test
  void repeatsOnlySoMuchOfAName() {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> WorkerCodec.greeting(named("x".repeat(100_000))))
        .withMessageStartingWith("name: " + "x".repeat(128) + "… (expected: ");
    assertThat(WorkerCodec.greeting(named("x".repeat(64))).model().name()).hasSize(64);
  }

  private static Hello named(String name) {
    Hello.Builder hello = hello();
    hello.getModelBuilder().setName(name);
    return hello.build();
  }

  @Test
  void refusesMoreThanAWorkerCanHold() {
    refused(
        hello -> hello.addAllHeldEmbeddings(Collections.nCopies(4097, HASH)),
        "held: 4097 embeddings, 0 leases (expected: at most 4096 each)");
    refused(
        hello -> hello.addAllHeldLeases(Collections.nCopies(4097, LeaseRef.getDefaultInstance())),
        "held: 0 embeddings, 4097 leases (expected: at most 4096 each)");
    refused(
        hello -> hello.addHeldEmbeddings(HASH).addHeldEmbeddings(HASH.substring(1)),
        "held_embeddings: a hash of another length (expected: 32 bytes each)");
    model(
        model -> model.addAllPipelines(Collections.nCopies(65, "A")),
        "pipelines: 65 (expected: at most 64)");
  }

  @Test
  void refusesNumbersThatNoModelHas() {
    String sizes = "text_width: %d, size_multiple: %d, max_pixels: %d (expected: all above 0)";
    model(model -> model.setTextWidth(0), sizes.formatted(0, 16, 256));
    model(model -> model.setSizeMultiple(0), sizes.formatted(8, 0, 256));
    model(model -> model.setMaxPixels(-1), sizes.formatted(8, 16, -1));
    String abilities =
        "max_references: %d, pooled_width: %d, max_sequence_length: %d, activation_bytes: %d"
            + " (expected: none below 0)";
    model(model -> model.setMaxReferences(-1), abilities.formatted(-1, 0, 0, 0));
    model(model -> model.setPooledWidth(-2), abilities.formatted(0, -2, 0, 0));
    model(model -> model.setMaxSequenceLength(-3), abilities.formatted(0, 0, -3, 0));
    model(model -> model.setActivationBytes(-4), abilities.formatted(0, 0, 0, -4));
  }

  @Test
  void refusesDefaultsThatWouldFailEveryJob() {
    String sizes =
        "width: %d, height: %d, num_inference_steps: %d, guidance_scale: %s (expected: the first"
            + " three above 0, the last a finite number of at least 0)";
    model(model -> model.getDefaultsBuilder().setWidth(0), sizes.formatted(0, 16, 4, "1.0"));
    model(model -> model.getDefaultsBuilder().setHeight(-16), sizes.formatted(16, -16, 4, "1.0"));
    model(
        model -> model.getDefaultsBuilder().setNumInferenceSteps(0),
        sizes.formatted(16, 16, 0, "1.0"));
    model(
        model -> model.getDefaultsBuilder().setGuidanceScale(Float.NaN),
        sizes.formatted(16, 16, 4, "NaN"));
    model(
        model -> model.getDefaultsBuilder().setGuidanceScale(-1),
        sizes.formatted(16, 16, 4, "-1.0"));
  }

  private static Hello.Builder hello() {
    return Hello.newBuilder()
        .setWorkerId("w")
        .setInstanceId("i")
        .setProtocol(1)
        .setModel(
            ModelDescription.newBuilder()
                .setName("toy")
                .setFamily("f")
                .setTextEncoder("t")
                .setModelHash("h")
                .setTextWidth(8)
                .setSizeMultiple(16)
                .setMaxPixels(256)
                .setDefaults(
                    GenerationDefaults.newBuilder()
                        .setWidth(16)
                        .setHeight(16)
                        .setNumInferenceSteps(4)
                        .setGuidanceScale(1)));
  }

  private static void model(Consumer<ModelDescription.Builder> change, String message) {
    refused(hello -> change.accept(hello.getModelBuilder()), message);
  }

  private static void refused(Consumer<Hello.Builder> change, String message) {
    Hello.Builder hello = hello();
    change.accept(hello);
    refused(() -> WorkerCodec.greeting(hello.build()), message);
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatExceptionOfType(InvalidFieldException.class).isThrownBy(call).withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-1 | image/png  | 8 | index: -1 (expected: 0..63)",
        "64 | image/png  | 8 | index: 64 (expected: 0..63)",
        "0  | image/jpeg | 8 | data: image/jpeg (expected: image/png of 8 x 8)",
        "0  | image/png  | 9 | data: image/png (expected: image/png of 9 x 8)",
      })
  void refusesPreviewsThatAreNotWhatTheySay(int index, String type, int width, String message) {
    refused(() -> WorkerCodec.preview(preview(index, type, width, TestPng.of(8, 8, 99))), message);
  }

  @Test
  void refusesPreviewsThatAreTooLargeOrNoPictures() {
    ByteString large = TestPng.of(8, 8, Preview.MAX_BYTES + 1);

    refused(
        () -> WorkerCodec.preview(preview(0, "image/png", 8, large)),
        "data: "
            + (Preview.MAX_BYTES + 1)
            + " bytes (expected: at most "
            + Preview.MAX_BYTES
            + ")");
    for (int bytes = 0; bytes < 24; bytes++) {
      ByteString cut = TestPng.of(8, 8, 99).substring(0, bytes);
      refused(
          () -> WorkerCodec.preview(preview(0, "image/png", 8, cut)),
          "data: image/png (expected: image/png of 8 x 8)");
    }
    assertThat(
            WorkerCodec.preview(preview(63, "image/png", 8, TestPng.of(8, 8, Preview.MAX_BYTES)))
                .index())
        .isEqualTo(63);
  }

  private static dev.fluxgate.v1.Preview preview(
      int index, String type, int width, ByteString data) {
    return dev.fluxgate.v1.Preview.newBuilder()
        .setIndex(index)
        .setMediaType(type)
        .setWidth(width)
        .setHeight(8)
        .setData(data)
        .build();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-1 | image/png  | 9        | 32 | 64 | 32 | index: -1 (expected: 0..1)",
        "2  | image/png  | 9        | 32 | 64 | 32 | index: 2 (expected: 0..1)",
        "0  | image/webp | 9        | 32 | 64 | 32 | media_type: image/webp (expected: image/png)",
        "0  | image/png  | 0        | 32 | 64 | 32 | byte_size: 0 (expected: 1..67108864)",
        "0  | image/png  | 67108865 | 32 | 64 | 32 | byte_size: 67108865 (expected: 1..67108864)",
        "0  | image/png  | 9        | 31 | 64 | 32 | sha256: 31 bytes (expected: 32)",
        "0  | image/png  | 9        | 32 | 32 | 64 | size: 32 x 64 (expected: 64 x 32)",
      })
  void refusesPicturesThatNobodyAskedFor(
      int index, String type, long bytes, int hash, int width, int height, String message) {
    StoredImage image =
        new StoredImage(index, type, bytes, ByteString.copyFrom(new byte[hash]), width, height);

    refused(() -> WorkerCodec.check(image, parameters(64, 32)), message);
  }

  @Test
  void takesAnySizeWhereTheJobLeavesItOpen() {
    StoredImage odd = new StoredImage(1, "image/png", 9, HASH, 17, 65_536);
    WorkerCodec.check(odd, parameters(0, 0));
    WorkerCodec.check(odd, parameters(17, 0));

    refused(() -> WorkerCodec.check(odd, parameters(0, 64)), "size: 17 x 65536 (expected: 0 x 64)");
    StoredImage none = new StoredImage(1, "image/png", 9, HASH, 0, 1);
    refused(() -> WorkerCodec.check(none, parameters(0, 0)), "size: 0 x 1 (expected: 0 x 0)");
    StoredImage huge = new StoredImage(1, "image/png", 9, HASH, 65_537, 1);
    refused(() -> WorkerCodec.check(huge, parameters(0, 0)), "size: 65537 x 1 (expected: 0 x 0)");
  }

  private static GenerationParameters parameters(int width, int height) {
    return new GenerationParameters(
        "p", width, height, 4, 1, 1, 2, 16, List.of(1), false, false, "toy", 0, Wish.NONE);
  }

  @ParameterizedTest
  @EnumSource
  void takesEveryReasonForWhatItIs(dev.fluxgate.v1.NackReason said) {
    Nack.Builder nack = Nack.newBuilder();
    if (said == dev.fluxgate.v1.NackReason.UNRECOGNIZED) {
      nack.setReasonValue(99);
    } else {
      nack.setReason(said);
    }

    NackReason taken = WorkerCodec.reason(nack.build());

    boolean saysNothing =
        said == dev.fluxgate.v1.NackReason.UNRECOGNIZED
            || said == dev.fluxgate.v1.NackReason.NACK_REASON_UNSPECIFIED;
    assertThat(taken.name())
        .isEqualTo(saysNothing ? "WORKER_SUSPECT" : said.name().replace("NACK_REASON_", ""));
  }

  @Test
  void keepsOnlySoMuchOfAReasonAndOfARefusal() {
    Job.JobError error =
        WorkerCodec.error(
            Nack.newBuilder().setDetail("D".repeat(129)).setMessage("m".repeat(1001)).build());

    assertThat(error.reason()).isEqualTo("D".repeat(128) + "…");
    assertThat(error.message()).isEqualTo("m".repeat(1000) + "…");
    assertThat(
            WorkerCodec.answer(
                PlanResult.newBuilder()
                    .setNeededBytes(7)
                    .setAvailableBytes(8)
                    .setRefusal("r".repeat(1000))
                    .build()))
        .isEqualTo(new PlanAnswer(7, 8, "r".repeat(1000)));
  }
}
