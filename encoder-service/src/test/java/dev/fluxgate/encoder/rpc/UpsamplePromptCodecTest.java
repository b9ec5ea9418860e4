package dev.fluxgate.encoder.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.encoder.upsample.UpsamplingSpec;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.UpsamplePromptRequest;
import dev.fluxgate.v1.UpsamplingSettings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages of a call in every order that a caller may send them in. */
class UpsamplePromptCodecTest {
  private static final RgbImage PIXEL = new RgbImage(1, 1, new byte[3]);

  private final UpsamplePromptCodec codec = new UpsamplePromptCodec();
  private final List<byte[]> decoded = new ArrayList<>();

  @Test
  void putsEveryPictureTogetherHoweverItIsCut() {
    Random random = new Random(3);
    for (int round = 0; round < 50; round++) {
      UpsamplePromptCodec each = new UpsamplePromptCodec();
      UpsamplingSettings.Builder settings = settings();
      List<ByteString> chunks = new ArrayList<>();
      List<byte[]> files = new ArrayList<>();
      int count = random.nextInt(4);
      for (int picture = 0; picture < count; picture++) {
        byte[] file = new byte[1 + random.nextInt(40)];
        random.nextBytes(file);
        files.add(file);
        settings.addImageBytes(file.length);
        for (int at = 0; at < file.length; ) {
          int length = 1 + random.nextInt(file.length - at);
          chunks.add(ByteString.copyFrom(file, at, length));
          at += length;
        }
      }
      decoded.clear();
      each.accept(message(settings));
      chunks.forEach(chunk -> each.accept(message(chunk)));

      assertThat(each.finish(this::decode).pictures()).hasSize(files.size());
      assertThat(decoded).containsExactlyElementsOf(files);
    }
  }

  @Test
  void takesSilenceForTheUsual() {
    codec.accept(message(settings()));
    UpsamplingSpec spec = codec.finish(this::decode);

    assertThat(spec.temperature()).isEqualTo(UpsamplingSpec.TEMPERATURE);
    assertThat(spec.maxNewTokens()).isEqualTo(UpsamplingSpec.MAX_NEW_TOKENS);
    assertThat(codec.announcedBytes()).isZero();
  }

  @Test
  void tellsAGreedyCallerFromASilentOne() {
    codec.accept(message(settings().setTemperature(0).setMaxNewTokens(3).setSeed(-1)));
    UpsamplingSpec spec = codec.finish(this::decode);

    assertThat(spec.temperature()).isZero();
    assertThat(spec.maxNewTokens()).isEqualTo(3);
    assertThat(spec.seed()).isEqualTo(-1);
  }

  @Test
  void refusesMessagesOutOfOrder() {
    refused(
        () -> codec.accept(UpsamplePromptRequest.getDefaultInstance()),
        "part: none (expected: one)");
    refused(
        () -> codec.accept(message(bytes(1))),
        "image_chunk: 1 bytes (expected: 1..1048576, after the settings)");
    refused(() -> codec.finish(this::decode), "settings: none (expected: in the first message)");
    assertThat(codec.announcedBytes()).isZero();

    codec.accept(message(settings()));
    refused(() -> codec.accept(message(settings())), "settings: twice (expected: once)");
  }

  @ParameterizedTest
  @CsvSource({"0", "-1", "33554433", "9223372036854775807"})
  void refusesToExpectSuchAPicture(long size) {
    refused(
        () -> codec.accept(message(settings().addImageBytes(1).addImageBytes(size))),
        "image_bytes: " + size + " (expected: 1..33554432)");
    assertThat(codec.announcedBytes()).as("nothing is reserved").isZero();
  }

  @Test
  void refusesToExpectTooManyOrTooMuch() {
    refused(
        () -> codec.accept(message(settings().addAllImageBytes(Collections.nCopies(11, 1L)))),
        "image_bytes: 11 pictures of 11 bytes (expected: at most 10 of 67108864 together)");
    refused(
        () -> codec.accept(message(settings().addAllImageBytes(List.of(32L << 20, 32L << 20, 1L)))),
        "image_bytes: 3 pictures of 67108865 bytes (expected: at most 10 of 67108864 together)");
    codec.accept(message(settings().addAllImageBytes(List.of(32L << 20, 32L << 20))));
    assertThat(codec.announcedBytes()).isEqualTo(64L << 20);
  }

  @Test
  void refusesChunksThatAreEmptyOrTooLarge() {
    codec.accept(message(settings().addImageBytes(5L << 20)));

    refused(
        () -> codec.accept(message(ByteString.EMPTY)),
        "image_chunk: 0 bytes (expected: 1..1048576, after the settings)");
    refused(
        () -> codec.accept(message(bytes((1 << 20) + 1))),
        "image_chunk: 1048577 bytes (expected: 1..1048576, after the settings)");
    codec.accept(message(bytes(1 << 20)));
  }

  @Test
  void refusesAByteMoreThanWasAnnounced() {
    codec.accept(message(settings().addImageBytes(3).addImageBytes(2)));
    codec.accept(message(bytes(2)));
    refused(
        () -> codec.accept(message(bytes(2))),
        "image_chunk: more bytes than image_bytes announced for picture 0 (expected: chunks of one"
            + " picture, no longer than it)");
    codec.accept(message(bytes(1)));
    codec.accept(message(bytes(2)));
    refused(
        () -> codec.accept(message(bytes(1))),
        "image_chunk: more bytes than image_bytes announced for picture 2 (expected: chunks of one"
            + " picture, no longer than it)");
  }

  @Test
  void refusesAnEndBeforeTheLastByte() {
    String message = "image_chunk: the pictures end early (expected: 5 bytes in all)";
    codec.accept(message(settings().addImageBytes(3).addImageBytes(2)));
    refused(() -> codec.finish(this::decode), message);
    codec.accept(message(bytes(3)));
    refused(() -> codec.finish(this::decode), message);
    codec.accept(message(bytes(1)));
    refused(() -> codec.finish(this::decode), message);
    assertThat(decoded).as("nothing is decoded before all is there").isEmpty();
  }

  @Test
  void namesThePictureThatCannotBeRead() {
    codec.accept(message(settings().addImageBytes(1).addImageBytes(1)));
    codec.accept(message(bytes(1)));
    codec.accept(message(bytes(1)));

    refused(
        () ->
            codec.finish((name, file) -> {
              if (name.equals("image 1")) {
                throw new IllegalArgumentException(name + ": no picture (expected: one)");
              }
              return PIXEL;
            }),
        "image 1: no picture (expected: one)");
  }

  @Test
  void refusesSettingsThatNobodyCanFollow() {
    codec.accept(message(settings().setPrompt(" \t")));
    refused(() -> codec.finish(this::decode), "prompt: blank (expected: some text)");
    UpsamplePromptCodec hot = new UpsamplePromptCodec();
    hot.accept(message(settings().setTemperature(Float.NaN)));
    refused(() -> hot.finish(this::decode), "temperature: NaN (expected: 0..2.0)");
    UpsamplePromptCodec lengthy = new UpsamplePromptCodec();
    lengthy.accept(message(settings().setMaxNewTokens(2049)));
    refused(() -> lengthy.finish(this::decode), "max_new_tokens: 2049 (expected: 1..2048)");
  }

  private RgbImage decode(String name, byte[] file) {
    assertThat(name).isEqualTo("image " + decoded.size());
    decoded.add(file);
    return PIXEL;
  }

  private static UpsamplingSettings.Builder settings() {
    return UpsamplingSettings.newBuilder().setPrompt("a dog");
  }

  private static ByteString bytes(int count) {
    return ByteString.copyFrom(new byte[count]);
  }

  private static UpsamplePromptRequest message(UpsamplingSettings.Builder settings) {
    return UpsamplePromptRequest.newBuilder().setSettings(settings).build();
  }

  private static UpsamplePromptRequest message(ByteString chunk) {
    return UpsamplePromptRequest.newBuilder().setImageChunk(chunk).build();
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatExceptionOfType(InvalidFieldException.class).isThrownBy(call).withMessage(message);
  }
}
