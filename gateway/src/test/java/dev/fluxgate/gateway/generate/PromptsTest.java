package dev.fluxgate.gateway.generate;

import static dev.fluxgate.gateway.generate.RequestCheck.BASE;
import static dev.fluxgate.gateway.generate.RequestCheck.FLUX1;
import static dev.fluxgate.gateway.generate.RequestCheck.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is told of prompts beside the first, and of how they guide. */
class PromptsTest {
  private final RequestCheck check = new RequestCheck();

  @Test
  void takesEveryPromptOfAModelOfTwoEncoders() {
    assertThat(check.refusals(FLUX1, with(new Guidance("a dog", 2f, "two", "no two")))).isEmpty();
  }

  @Test
  void refusesASecondPromptWhereThereIsOneEncoder() {
    assertThat(check.refusals(BASE, with(new Guidance("a dog", null, "two", "no two"))))
        .containsExactly(
            "prompt_2: given (expected: none: flux2-klein-base has one text encoder)",
            "negative_prompt_2: given (expected: none: flux2-klein-base has one text encoder)");
  }

  @Test
  void refusesPromptsLongerThanTheEncoderReads() {
    String long2 = "é".repeat(51);

    assertThat(check.refusals(FLUX1, with(new Guidance(long2, 2f, long2, long2))))
        .containsExactly(
            "negative_prompt: 102 bytes of UTF-8 (expected: at most 100 bytes of UTF-8)",
            "prompt_2: 102 bytes of UTF-8 (expected: at most 100 bytes of UTF-8)",
            "negative_prompt_2: 102 bytes of UTF-8 (expected: at most 100 bytes of UTF-8)");
  }

  @Test
  void refusesASecondNegativePromptWithoutTheFirst() {
    assertThat(check.refusals(FLUX1, with(new Guidance(null, 2f, null, "no two"))))
        .containsExactly("negative_prompt_2: without a negative_prompt (expected: both, or none)");
  }

  @ParameterizedTest
  @ValueSource(floats = {-1, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY})
  void refusesAScaleThatIsNoNumber(float scale) {
    assertThat(check.refusals(FLUX1, with(new Guidance(null, scale, null, null))))
        .containsExactly("true_cfg_scale: " + scale + " (expected: a finite number of at least 0)");
  }

  @Test
  void refusesASecondGuidance() {
    assertThat(check.refusals(BASE, with(new Guidance("a dog", 2f, null, null))))
        .containsExactly(
            "true_cfg_scale: 2.0 (expected: none: guidance_scale is what guides"
                + " flux2-klein-base)");
  }

  @ParameterizedTest
  @CsvSource({", none", "1, 1.0", "0.5, 0.5"})
  void refusesANegativePromptThatGuidesNothing(@Nullable Float scale, String told) {
    assertThat(check.refusals(FLUX1, with(new Guidance("a dog", scale, null, null))))
        .containsExactly(
            "negative_prompt: without guidance by it (expected: true_cfg_scale above 1, not "
                + told
                + ")");
  }

  @Test
  void needsANegativeOnlyWhereItGuides() {
    Wish named = with(new Guidance("a dog", 2f, null, null));

    assertThat(Prompts.needNegative(FLUX1, 3.5f, named)).isTrue();
    assertThat(Prompts.needNegative(FLUX1, 3.5f, Wish.NONE)).isFalse();
    assertThat(Prompts.needNegative(FLUX1, 1, with(new Guidance("a dog", 1f, null, null))))
        .isFalse();
    assertThat(Prompts.needNegative(FLUX1, 1, with(new Guidance(null, 2f, null, null)))).isFalse();
    assertThat(Prompts.needNegative(BASE, 3.5f, Wish.NONE)).isTrue();
    assertThat(Prompts.needNegative(BASE, 1, named)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(floats = {-0.1f, 2.1f, Float.NaN})
  void refusesToRewriteAtSuchHeat(float temperature) {
    Upsampling upsampling = new Upsampling(temperature, 3L, Upsampling.Source.CHAT);

    assertThat(check.refusals(FLUX1, "a cat", with(Embeds.NONE, upsampling)))
        .containsExactly("upsampling.temperature: " + temperature + " (expected: 0..2.0)");
    assertThat(check.refusals(FLUX1, " \n", with(Embeds.NONE, upsampling)))
        .contains("upsampling: of an empty prompt (expected: a prompt to rewrite)");
  }
}
