package dev.fluxgate.gateway.generate;

import static dev.fluxgate.gateway.generate.RequestCheck.BASE;
import static dev.fluxgate.gateway.generate.RequestCheck.FLUX1;
import static dev.fluxgate.gateway.generate.RequestCheck.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.v1.DType;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of pictures, noise and output that a model cannot make anything of. */
class WishLimitsTest {
  private final RequestCheck check = new RequestCheck();

  @Test
  void takesAllThatGoesTogether() {
    InputRef picture = check.picture();
    InputRef latents = check.tensor(DType.D_TYPE_F32, 4, 1, 2);

    assertThat(
            check.refusals(
                FLUX1,
                with(new Sources(List.of(picture), picture, true, picture, 16, 1f, latents))))
        .isEmpty();
    assertThat(check.refusals(FLUX1, with("FluxPipeline"))).isEmpty();
    assertThat(check.refusals(FLUX1, with(new Output(Output.Format.LATENTS, 16, 0f)))).isEmpty();
    assertThat(check.refusals(FLUX1, with(noise(List.of(9L), List.of(1f, 0.5f, 1e-6f))))).isEmpty();
  }

  @Test
  void namesThePipelinesThatThereAre() {
    assertThat(check.refusals(BASE, with("FluxPipeline")))
        .containsExactly("pipeline: FluxPipeline (expected: one of Flux2KleinPipeline)");
  }

  @Test
  void refusesInputsThatAreMissingOrOfTheOtherKind() {
    InputRef missing = RequestCheck.missing();
    InputRef tensor = check.tensor(DType.D_TYPE_F32, 4, 3);
    InputRef picture = check.picture();

    assertThat(
            check.refusals(
                FLUX1,
                with(new Sources(List.of(missing), tensor, false, missing, null, null, picture))))
        .containsExactly(
            "images[0]: " + missing + " (expected: an input that is in store; upload it again)",
            "mask_image: a tensor (expected: a picture)",
            "image_reference: "
                + missing
                + " (expected: an input that is in store; upload it again)",
            "latents: a picture (expected: a tensor)");
  }

  @Test
  void refusesLatentsThatAreBytes() {
    InputRef levels = check.tensor(DType.D_TYPE_U8, 1, 1, 4);

    assertThat(
            check.refusals(
                FLUX1, with(new Sources(List.of(), null, false, null, null, null, levels))))
        .containsExactly("latents: D_TYPE_U8 (expected: F32, BF16 or F16)");
  }

  @Test
  void refusesMoreReferencesThanTheModelTakesAndLooksAtTenOfThem() {
    List<InputRef> many = Collections.nCopies(2000, RequestCheck.missing());

    List<String> refusals =
        check.refusals(FLUX1, with(new Sources(many, null, false, null, null, null, null)));

    assertThat(refusals).hasSize(1 + WishLimits.MAX_REFERENCES);
    assertThat(refusals.getFirst()).isEqualTo("images: 2000 pictures (expected: at most 2)");
  }

  @Test
  void refusesWhatOnlyAMaskGivesAMeaning() {
    InputRef picture = check.picture();

    assertThat(
            check.refusals(
                FLUX1, with(new Sources(List.of(picture), null, true, picture, 8, null, null))))
        .containsExactly(
            "image_reference: without a mask (expected: mask_image, into which the reference is"
                + " painted)",
            "mask_by_opacity: true (expected: false without a mask_image)",
            "padding_mask_crop: 8 (expected: none without a mask_image)");
    assertThat(
            check.refusals(
                FLUX1, with(new Sources(List.of(), picture, false, null, null, null, null))))
        .containsExactly(
            "mask_image: without a picture (expected: images, of which the mask tells what to paint"
                + " anew)");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 16_385, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void refusesACropBeyondAnyPicture(int pixels) {
    InputRef picture = check.picture();

    assertThat(
            check.refusals(
                FLUX1,
                with(new Sources(List.of(picture), picture, false, null, pixels, null, null))))
        .containsExactly("padding_mask_crop: " + pixels + " (expected: 0..16384)");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, -0.5f, 1.0001f, Float.NaN, Float.POSITIVE_INFINITY})
  void refusesAStrengthThatIsNone(float strength) {
    assertThat(check.refusals(FLUX1, with(strong(List.of(check.picture()), strength))))
        .containsExactly("strength: " + strength + " (expected: above 0, at most 1)");
  }

  @Test
  void refusesAStrengthWithNothingToStartFrom() {
    assertThat(check.refusals(FLUX1, with(strong(List.of(), 0.5f))))
        .containsExactly("strength: 0.5 (expected: none without images to start from)");
  }

  @Test
  void refusesWhatNoPipelineOfTheModelCanDo() {
    InputRef picture = check.picture();

    assertThat(check.refusals(BASE, with(strong(List.of(picture), 0.5f))))
        .containsExactly("strength: 0.5 (expected: none, since toy has Flux2KleinPipeline)");
    assertThat(
            check.refusals(
                BASE, with(new Sources(List.of(picture), picture, false, null, null, 0.5f, null))))
        .containsExactly("mask_image: given (expected: none, since toy has Flux2KleinPipeline)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0.0",
        "-1 | -1.0",
        "NaN | NaN",
        "1.5 | 1.5",
        "1, 1 | 1.0",
        "0.5, 0.7 | 0.7",
        "0.9, NaN, 0.1 | NaN",
      })
  void refusesLevelsThatDoNotDescend(String levels, String atFault) {
    List<Float> sigmas =
        java.util.Arrays.stream(levels.split(", ", -1)).map(Float::valueOf).toList();

    assertThat(check.refusals(FLUX1, with(noise(List.of(), sigmas))))
        .containsExactly("sigmas: " + atFault + " (expected: descending within (0, 1])");
  }

  @Test
  void refusesMoreLevelsOrSeedsThanSteps() {
    List<Float> levels = new java.util.ArrayList<>();
    for (int i = 0; i < 1001; i++) {
      levels.add(1 - i / 2000f);
    }

    assertThat(check.refusals(FLUX1, with(noise(List.of(1L, 2L), levels))))
        .containsExactly(
            "seeds: 2 seeds (expected: 1, as many as num_images, or none)",
            "sigmas: 1001 levels (expected: at most 1000)");
    assertThat(check.refusals(FLUX1, with(noise(List.of(), levels.subList(0, 1000))))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "15, 0, tile_size: 15 (expected: 16..8192)",
    "8193, 0, tile_size: 8193 (expected: 16..8192)"
  })
  void refusesTilesOfNoUse(int size, float overlap, String message) {
    assertThat(check.refusals(FLUX1, with(new Output(Output.Format.PNG, size, overlap))))
        .containsExactly(message);
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.1f, 1, Float.NaN})
  void refusesTilesThatOverlapWholly(float overlap) {
    assertThat(check.refusals(FLUX1, with(new Output(Output.Format.PNG, null, overlap))))
        .containsExactly("tile_overlap: " + overlap + " (expected: at least 0, below 1)");
  }

  private static Noise noise(List<Long> seeds, List<Float> sigmas) {
    return new Noise(seeds, Noise.Device.CPU, sigmas);
  }

  private static Sources strong(List<InputRef> images, @Nullable Float strength) {
    return new Sources(images, null, false, null, null, strength, null);
  }
}
