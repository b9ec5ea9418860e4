package dev.fluxgate.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.fluxgate.gateway.embedding.EncoderDescription;
import dev.fluxgate.gateway.input.HeapInputBytes;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.gateway.worker.DrawingModel;
import dev.fluxgate.serving.InvalidFieldException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationLimitsTest {
  private static final DrawingModel MODEL =
      new DrawingModel(
          "toy",
          "flux2-dev",
          "m",
          "mistral3",
          24,
          16,
          1 << 20,
          true,
          new DrawingModel.Defaults(128, 96, 20, 4),
          new DrawingModel.Abilities(List.of("Flux2Pipeline"), 10, 0, 0, 0));
  private static final EncoderDescription ENCODER =
      new EncoderDescription(
          "flux2-dev",
          "mistral3",
          new EncoderDescription.Identity("m", "t", "1", "F32", "none"),
          64,
          512,
          List.of(1, 2, 3),
          4,
          8,
          100,
          false);

  private static final InputStore INPUTS =
      new InputStore(
          new HeapInputBytes(),
          new InputStore.Limits(1 << 20, 1 << 20, Duration.ofHours(1)),
          InstantSource.system());

  @Test
  void fillsInEveryDefault() {
    GenerationParameters parameters = resolve(wish(null, null, null, null));

    assertThat(parameters)
        .isEqualTo(
            new GenerationParameters(
                "p",
                128,
                96,
                20,
                4,
                parameters.seed(),
                1,
                64,
                List.of(1, 2, 3),
                false,
                false,
                "toy",
                0,
                Wish.NONE));
    assertThat(parameters.seed()).isBetween(0L, (1L << 32) - 1);
  }

  @Test
  void choosesAnotherSeedEachTimeButKeepsOneThatIsGiven() {
    assertThat(resolve(wish(null, null, null, null)).seed())
        .isNotEqualTo(resolve(wish(null, null, null, null)).seed());
    assertThat(resolve(seeded(0L)).seed()).isZero();
    assertThat(resolve(seeded(Long.MIN_VALUE)).seed()).isEqualTo(Long.MIN_VALUE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          17   | 64   | width: 17 (expected: a multiple of 16; nearest: 16 or 32)
          64   | 130  | height: 130 (expected: a multiple of 16; nearest: 128 or 144)
          8    | 64   | width: 8 (expected: at least 16)
          0    | 64   | width: 0 (expected: at least 16)
          -16  | 64   | width: -16 (expected: at least 16)
          2048 | 1024 | width: 2048 x 1024 = 2097152 pixels (expected: at most 1048576 pixels)
          """)
  void refusesSizesThatTheModelCannotMake(int width, int height, String message) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(wish(width, height, null, null)))
        .withMessage(message);
  }

  @Test
  void floorsASizeWhenAsked() {
    GenerationRequest wish =
        new GenerationRequest(
            "p", 130, 47, null, null, null, null, null, List.of(), true, false, null, 0, Wish.NONE);

    assertThat(resolve(wish).width()).isEqualTo(128);
    assertThat(resolve(wish).height()).isEqualTo(32);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1001})
  void refusesSteps(int steps) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(wish(null, null, steps, null)))
        .withMessage("num_inference_steps: " + steps + " (expected: 1..1000)");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, -1})
  void refusesGuidanceThatIsNoNumber(float guidance) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(wish(null, null, null, guidance)))
        .withMessage("guidance_scale: " + guidance + " (expected: a finite number of at least 0)");
  }

  @Test
  void tellsAllThatIsWrongAtOnce() {
    GenerationRequest wish =
        new GenerationRequest(
            "é".repeat(51),
            17,
            64,
            0,
            1f,
            1L,
            65,
            513,
            List.of(2, 1),
            false,
            false,
            null,
            -1,
            Wish.NONE);

    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(wish))
        .satisfies(e ->
            assertThat(e.violations())
                .extracting(InvalidFieldException.Violation::field)
                .containsExactly(
                    "parameters.prompt",
                    "parameters.width",
                    "parameters.num_inference_steps",
                    "parameters.num_images",
                    "parameters.max_sequence_length",
                    "parameters.preview_interval",
                    "parameters.text_encoder_out_layers"))
        .withMessageContaining("prompt: 102 bytes of UTF-8 (expected: at most 100 bytes of UTF-8)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0,1,5", "-1,1,2", "1,1,2"})
  void refusesLayersThatTheEncoderLacks(String layers) {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(layered(layers)))
        .withMessageContaining("(expected: ascending layers within 0..4)");
  }

  @Test
  void refusesAnEmbeddingThatTheModelCannotTake() {
    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> resolve(layered("1,2")))
        .withMessage(
            "text_encoder_out_layers: [1, 2] of 8 channels each, 16 together (expected: 24"
                + " channels, which is what flux2-dev takes)");
    assertThat(resolve(layered("0,2,4")).textEncoderOutLayers()).containsExactly(0, 2, 4);
  }

  private static GenerationParameters resolve(GenerationRequest wish) {
    return GenerationLimits.resolve(wish, MODEL, ENCODER, INPUTS);
  }

  private static GenerationRequest wish(
      @Nullable Integer width,
      @Nullable Integer height,
      @Nullable Integer steps,
      @Nullable Float guidance) {
    return new GenerationRequest(
        "p", width, height, steps, guidance, null, null, null, List.of(), false, false, null, 0,
        Wish.NONE);
  }

  private static GenerationRequest seeded(long seed) {
    return new GenerationRequest(
        "p", null, null, null, null, seed, null, null, List.of(), false, false, null, 0, Wish.NONE);
  }

  private static GenerationRequest layered(String layers) {
    List<Integer> numbers =
        java.util.Arrays.stream(layers.split(",", -1)).map(Integer::valueOf).toList();
    return new GenerationRequest(
        "p", null, null, null, null, 1L, null, null, numbers, false, false, null, 0, Wish.NONE);
  }
}
