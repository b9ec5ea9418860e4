package dev.fluxgate.gateway.generate;

import static dev.fluxgate.gateway.generate.RequestCheck.BASE;
import static dev.fluxgate.gateway.generate.RequestCheck.FLUX1;
import static dev.fluxgate.gateway.generate.RequestCheck.with;
import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.v1.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is told of embeddings that a model cannot take, or that stand beside what they replace. */
class EmbedLimitsTest {
  private final RequestCheck check = new RequestCheck();
  private final InputRef pooled = f32(4);

  @Test
  void takesThemAloneAsABatchOfOneAndInEveryFloat() {
    for (InputRef sequence : List.of(f32(32, 8), f32(1, 32, 8), f32(1, 8))) {
      assertThat(ofPair(sequence, pooled)).as(sequence + "").isEmpty();
    }
    InputRef half = check.tensor(DType.D_TYPE_F16, 2, 5, 8);
    InputRef brain = check.tensor(DType.D_TYPE_BF16, 2, 1, 4);
    assertThat(ofPair(half, brain)).isEmpty();
    // A model that names no length takes 4096 positions.
    assertThat(check.refusals(BASE, "", with(embeds(f32(4096, 8), null)))).isEmpty();
  }

  private List<String> ofPair(@Nullable InputRef sequence, @Nullable InputRef second) {
    return check.refusals(FLUX1, "", with(embeds(sequence, second)));
  }

  @Test
  void refusesOtherShapes() {
    for (InputRef sequence :
        List.of(f32(33, 8), f32(32, 9), f32(2, 32, 8), f32(8), f32(1, 1, 1, 8))) {
      assertThat(ofPair(sequence, pooled))
          .as(sequence + "")
          .singleElement()
          .asString()
          .startsWith("prompt_embeds: [")
          .endsWith("] (expected: [1..32 tokens, 8])");
    }
    assertThat(ofPair(f32(5, 8), f32(2, 4)))
        .containsExactly("pooled_prompt_embeds: [2, 4] (expected: [4])");
    assertThat(check.refusals(BASE, "", with(embeds(f32(4097, 8), null))))
        .containsExactly("prompt_embeds: [4097, 8] (expected: [1..4096 tokens, 8])");
  }

  @Test
  void refusesBytesAndPicturesAndWhatIsNotThere() {
    InputRef levels = check.tensor(DType.D_TYPE_U8, 1, 5, 8);
    InputRef picture = check.picture();
    InputRef missing = RequestCheck.missing();

    assertThat(ofPair(levels, pooled))
        .containsExactly("prompt_embeds: D_TYPE_U8 (expected: F32, BF16 or F16)");
    assertThat(ofPair(picture, missing))
        .containsExactly(
            "prompt_embeds: a picture (expected: a tensor that is in store; upload it again)",
            "pooled_prompt_embeds: "
                + missing
                + " (expected: a tensor that is in store; upload it again)");
  }

  @Test
  void refusesHalfAPairAndAPairWhereOneIsTaken() {
    InputRef sequence = f32(5, 8);

    assertThat(ofPair(sequence, null))
        .containsExactly(
            "pooled_prompt_embeds: none (expected: one of width 4 beside prompt_embeds)");
    assertThat(ofPair(null, pooled))
        .containsExactly("pooled_prompt_embeds: without prompt_embeds (expected: both, or none)");
    assertThat(check.refusals(BASE, "", with(embeds(sequence, pooled))))
        .containsExactly(
            "pooled_prompt_embeds: given (expected: none: flux2-klein-base takes no pooled"
                + " embedding)");
  }

  @Test
  void refusesThemBesideWhatTheyReplace() {
    Embeds all = new Embeds(f32(5, 8), pooled, f32(6, 8), f32(1, 4));

    assertThat(check.refusals(FLUX1, "a cat", with(new Guidance("a dog", 2f, "two", null), all)))
        .containsExactly(
            "prompt_embeds: beside a prompt (expected: one of both, the prompt empty)",
            "prompt_embeds: beside prompt_2 (expected: one of both)",
            "negative_prompt_embeds: beside a negative_prompt (expected: one of both)");
    assertThat(
            check.refusals(
                FLUX1,
                "",
                with(
                    embeds(f32(5, 8), pooled),
                    new Upsampling(0.15f, null, Upsampling.Source.ENCODER))))
        .containsExactly(
            "upsampling: of an empty prompt (expected: a prompt to rewrite)",
            "prompt_embeds: beside upsampling (expected: a prompt to rewrite)");
  }

  @Test
  void refusesNegativeOnesThatGuideNothing() {
    Embeds negative = new Embeds(f32(5, 8), pooled, f32(6, 8), f32(1, 4));

    assertThat(check.refusals(FLUX1, "", with(new Guidance(null, 1f, null, null), negative)))
        .containsExactly(
            "negative_prompt_embeds: without guidance by it (expected: true_cfg_scale above 1, not"
                + " 1.0)");
    assertThat(check.refusals(FLUX1, "", with(new Guidance(null, 2f, null, null), negative)))
        .isEmpty();
  }

  private InputRef f32(long... shape) {
    return check.tensor(DType.D_TYPE_F32, 4, shape);
  }

  private static Embeds embeds(@Nullable InputRef sequence, @Nullable InputRef second) {
    return new Embeds(sequence, second, null, null);
  }
}
