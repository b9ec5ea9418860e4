package dev.fluxgate.gateway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.PromptUpsampling;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WishCodecTest {
  private final Random random = new Random(6);

  @Test
  void givesBackEveryWishThatItTook() {
    for (int i = 0; i < 500; i++) {
      Wish wish = randomWish();
      GenerationParameters.Builder message = GenerationParameters.newBuilder();
      WishCodec.put(wish, message);

      assertThat(WishCodec.wish(message.build())).isEqualTo(wish);
    }
  }

  @Test
  void takesSilenceForTheStandard() {
    assertThat(WishCodec.wish(GenerationParameters.getDefaultInstance())).isEqualTo(Wish.NONE);
    GenerationParameters rewritten =
        GenerationParameters.newBuilder()
            .setUpsampling(PromptUpsampling.getDefaultInstance())
            .build();
    assertThat(WishCodec.wish(rewritten).upsampling())
        .isEqualTo(new Upsampling(0.15f, null, Upsampling.Source.ENCODER));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void refusesChoicesOfANewerUser(GenerationParameters.Builder message, String refusal) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> WishCodec.wish(message.build()))
        .withMessage(refusal)
        .satisfies(e ->
            assertThat(e.violations())
                .singleElement()
                .extracting(InvalidFieldException.Violation::field)
                .isEqualTo("parameters." + refusal.substring(0, refusal.indexOf(':'))));
  }

  static Stream<Arguments> unknown() {
    return Stream.of(
        Arguments.of(
            GenerationParameters.newBuilder().setFormatValue(77),
            "format: another one (expected: PNG, JPEG or WEBP)"),
        Arguments.of(
            GenerationParameters.newBuilder().setRandDeviceValue(77),
            "rand_device: another one (expected: CPU or CUDA)"),
        Arguments.of(
            GenerationParameters.newBuilder().setOutputTypeValue(77),
            "output_type: another one (expected: PICTURES or LATENTS)"),
        Arguments.of(
            GenerationParameters.newBuilder()
                .setUpsampling(PromptUpsampling.newBuilder().setSourceValue(77)),
            "upsampling.source: another one (expected: ENCODER or CHAT)"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 33, 64})
  void refusesHashesOfAnotherLength(int bytes) {
    ByteString hash = ByteString.copyFrom(new byte[bytes]);
    InputImage image = InputImage.newBuilder().setSha256(hash).build();
    InputTensor tensor = InputTensor.newBuilder().setSha256(hash).build();
    InputImage good = InputImage.newBuilder().setSha256(ByteString.copyFrom(new byte[32])).build();

    refusesHash("images[1]", bytes, message().addImages(good).addImages(image));
    refusesHash("mask_image", bytes, message().setMaskImage(image));
    refusesHash("image_reference", bytes, message().setImageReference(image));
    refusesHash("latents", bytes, message().setLatents(tensor));
    refusesHash("prompt_embeds", bytes, message().setPromptEmbeds(tensor));
    refusesHash("pooled_prompt_embeds", bytes, message().setPooledPromptEmbeds(tensor));
    refusesHash("negative_prompt_embeds", bytes, message().setNegativePromptEmbeds(tensor));
    refusesHash(
        "negative_pooled_prompt_embeds", bytes, message().setNegativePooledPromptEmbeds(tensor));
  }

  private static GenerationParameters.Builder message() {
    return GenerationParameters.newBuilder();
  }

  private static void refusesHash(String field, int bytes, GenerationParameters.Builder message) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> WishCodec.wish(message.build()))
        .withMessage("%s: a hash of %d bytes (expected: 32)", field, bytes);
  }

  private Wish randomWish() {
    return new Wish(
        random.nextBoolean() ? "" : "FluxPipeline",
        new Guidance(
            maybe(this::text), maybe(random::nextFloat), maybe(this::text), maybe(this::text)),
        new Sources(
            Stream.generate(this::ref).limit(random.nextInt(4)).toList(),
            maybe(this::ref),
            random.nextBoolean(),
            maybe(this::ref),
            maybe(random::nextInt),
            maybe(random::nextFloat),
            maybe(this::ref)),
        new Embeds(maybe(this::ref), maybe(this::ref), maybe(this::ref), maybe(this::ref)),
        new Noise(
            random.longs(random.nextInt(4)).boxed().toList(),
            any(Noise.Device.values()),
            Stream.generate(random::nextFloat).limit(random.nextInt(4)).toList()),
        new Output(any(Output.Format.values()), maybe(random::nextInt), maybe(random::nextFloat)),
        maybe(() ->
            new Upsampling(
                random.nextFloat(), maybe(random::nextLong), any(Upsampling.Source.values()))));
  }

  private <T> @Nullable T maybe(Supplier<T> value) {
    return random.nextBoolean() ? value.get() : null;
  }

  private <T> T any(T[] choices) {
    return List.of(choices).get(random.nextInt(choices.length));
  }

  /** The empty text among others: it is not the same as none. */
  private String text() {
    return "東 ".repeat(random.nextInt(3));
  }

  private InputRef ref() {
    byte[] hash = new byte[32];
    random.nextBytes(hash);
    return new InputRef(ByteString.copyFrom(hash));
  }
}
