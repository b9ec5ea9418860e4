package dev.fluxgate.denoiser.pipeline.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.request.PromptEmbeds.PromptShapes;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How large a job may be, and which embeds are none for it. */
class JobSizeTest {
  private static final int WIDTH = 8;
  private static final Shape ONE = Shape.of(1, 5, WIDTH);
  private static final Shape TWO = Shape.of(2, 5, WIDTH);

  @Test
  void countsPicturesAndTextOfBothPasses() {
    PromptCounts counts = counts(TWO, Shape.of(1, 7, WIDTH), 3, true);

    assertThat(counts).isEqualTo(new PromptCounts(2, 3, 5, 1, 7));
    assertThat(counts.images()).isEqualTo(6);
    assertThat(counts.steersAway()).isTrue();
    assertThat(counts.allTokens()).isEqualTo(2 * 5 + 7);
    assertThat(counts(TWO, Shape.of(2, 7, WIDTH), 3, true).allTokens()).isEqualTo(2 * 5 + 2 * 7);
  }

  @Test
  void leavesNegativeEmbedsAsideThatNobodySteersBy() {
    assertThat(counts(ONE, Shape.of(9, 9), 1, false)).isEqualTo(new PromptCounts(1, 1, 5, 0, 0));
    assertThat(counts(ONE, null, 1, false).steersAway()).isFalse();
  }

  @Test
  void refusesEmbedsThatAreNoneForTheModel() {
    for (Shape shape :
        List.of(Shape.of(5, WIDTH), Shape.of(1, 5, WIDTH + 1), Shape.of(1, 1, 5, WIDTH))) {
      refused(
          () -> counts(shape, null, 1, false),
          "prompt embeds: " + shape + " (expected: [prompts, tokens, 8])");
      refused(
          () -> counts(ONE, shape, 1, true),
          "negative prompt embeds: " + shape + " (expected: [prompts, tokens, 8])");
    }
  }

  @Test
  void refusesToSteerAwayFromNothingOrFromOtherPrompts() {
    refused(
        () -> counts(ONE, null, 1, true),
        "negative prompt embeds: none (expected: some, for true guidance above 1)");
    Shape three = Shape.of(3, 5, WIDTH);
    refused(
        () -> counts(TWO, three, 1, true),
        "negative prompt embeds: " + three + " (expected: one, or one for each of 2 prompts)");
  }

  @Test
  void refusesMorePicturesThanNumbersHold() {
    assertThat(counts(TWO, null, 1 << 15, false).images()).isEqualTo(1 << 16);
    refused(
        () -> counts(TWO, null, (1 << 15) + 1, false),
        "job: 2 prompts, 32769 images each (expected: at most 65536 images)");
    refused(
        () -> counts(TWO, null, Integer.MAX_VALUE, false),
        "job: 2 prompts, 2147483647 images each (expected: at most 65536 images)");
  }

  @Test
  void refusesMoreTokensOfAnyKindThanNumbersHold() {
    LatentGrid small = new LatentGrid(1, 1);
    LatentGrid large = new LatentGrid(1 << 11, 1 << 11);
    PromptCounts one = new PromptCounts(1, 1, 5, 0, 0);
    PromptCounts seventeen = new PromptCounts(1, 17, 5, 0, 0);
    PromptCounts text = new PromptCounts(2, 1, 1 << 25, 1, 1);

    assertThat(job(large, new PromptCounts(1, 16, 5, 0, 0), List.of()).images()).isEqualTo(16);
    refused(
        () -> job(large, seventeen, List.of()),
        "job: 1 prompts, 17 images each: 71303168 image, 0 reference and 5 text tokens"
            + " (expected: at most 67108864)");
    refused(
        () -> job(small, one, Collections.nCopies(17, large)),
        "job: 1 prompts, 1 images each: 1 image, 71303168 reference and 5 text tokens"
            + " (expected: at most 67108864)");
    refused(
        () -> job(small, text, List.of()),
        "job: 2 prompts, 1 images each: 2 image, 0 reference and 67108865 text tokens"
            + " (expected: at most 67108864)");
  }

  private static JobSize job(LatentGrid grid, PromptCounts prompts, List<LatentGrid> references) {
    return new JobSize(grid, prompts, 4, references, false);
  }

  private static PromptCounts counts(
      Shape positive, @Nullable Shape negative, int images, boolean steersAway) {
    return PromptCounts.of(new PromptShapes(positive, negative), images, WIDTH, steersAway);
  }

  private static void refused(Runnable call, String message) {
    assertThatIllegalArgumentException().isThrownBy(call::run).withMessage(message);
  }
}
