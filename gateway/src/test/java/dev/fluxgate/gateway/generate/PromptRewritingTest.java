package dev.fluxgate.gateway.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.fluxgate.gateway.TestPng;
import dev.fluxgate.gateway.input.HeapInputBytes;
import dev.fluxgate.gateway.input.InputReceiver;
import dev.fluxgate.gateway.input.InputRef;
import dev.fluxgate.gateway.input.InputStore;
import dev.fluxgate.gateway.job.GenerationParameters;
import dev.fluxgate.gateway.upsample.PromptUpsampler;
import dev.fluxgate.gateway.upsample.UpsampledPrompt;
import dev.fluxgate.gateway.upsample.UpsamplingFailedException;
import dev.fluxgate.gateway.upsample.UpsamplingRequest;
import dev.fluxgate.gateway.wish.Embeds;
import dev.fluxgate.gateway.wish.Guidance;
import dev.fluxgate.gateway.wish.Noise;
import dev.fluxgate.gateway.wish.Output;
import dev.fluxgate.gateway.wish.Sources;
import dev.fluxgate.gateway.wish.Upsampling;
import dev.fluxgate.gateway.wish.Wish;
import dev.fluxgate.serving.InvalidFieldException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Prompts that are rewritten once, as often as they are asked for. */
class PromptRewritingTest {
  private static final Upsampling WARM = new Upsampling(0.15f, null, Upsampling.Source.CHAT);

  private final InputStore inputs =
      new InputStore(
          new HeapInputBytes(),
          new InputStore.Limits(1 << 20, 1 << 20, Duration.ofHours(1)),
          InstantSource.system());
  private final Author author = new Author();
  private final PromptRewriting rewriting =
      new PromptRewriting(
          (source, _) -> source == Upsampling.Source.CHAT ? Optional.of(author) : Optional.empty(),
          inputs);

  @Test
  void leavesAPromptAloneThatNobodyWantsRewritten() {
    assertThat(rewrite("a cat", 1, List.of(), null)).isNull();
    assertThat(author.requests).isEmpty();
  }

  @Test
  void asksOnceForTheSameWordsPicturesAndSeed() {
    List<InputRef> pictures = List.of(picture(32), picture(48));
    String first = rewrite("a cat", 1, pictures, WARM);

    assertThat(rewrite("a cat", 1, pictures, WARM)).isEqualTo(first);
    assertThat(author.requests).hasSize(1);
    assertThat(author.requests.getFirst().pictures())
        .containsExactly(
            new UpsamplingRequest.Picture("image/png", file(32)),
            new UpsamplingRequest.Picture("image/png", file(48)));
  }

  @Test
  void asksAnewForWhateverElseDiffers() {
    InputRef one = picture(32);
    InputRef other = picture(48);
    rewrite("a cat", 1, List.of(one, other), WARM);
    rewrite("a dog", 1, List.of(one, other), WARM);
    rewrite("a cat", 2, List.of(one, other), WARM);
    rewrite("a cat", 1, List.of(other, one), WARM);
    rewrite("a cat", 1, List.of(one, other), new Upsampling(0.5f, null, Upsampling.Source.CHAT));
    author.name = "another";
    rewrite("a cat", 1, List.of(one, other), WARM);

    assertThat(author.requests).hasSize(6);
  }

  @Test
  void takesTheSeedOfItsOwnBeforeThatOfThePicture() {
    rewrite("a cat", 7, List.of(), WARM);
    rewrite("a cat", 7, List.of(), new Upsampling(0.15f, 9L, Upsampling.Source.CHAT));
    assertThat(author.requests).extracting(UpsamplingRequest::seed).containsExactly(7L, 9L);

    // The same seed by another way is the same question.
    rewrite("a cat", 9, List.of(), WARM);
    assertThat(author.requests).hasSize(2);
  }

  @Test
  void doesNotRememberAFailure() {
    author.failure = new UpsamplingFailedException("REFUSED", "no", null);
    assertThatThrownBy(() -> rewrite("a cat", 1, List.of(), WARM)).isSameAs(author.failure);

    author.failure = null;
    assertThat(rewrite("a cat", 1, List.of(), WARM)).isEqualTo("1: a cat");
  }

  @Test
  void forgetsTheLongestUnasked() {
    rewrite("first", 1, List.of(), WARM);
    rewrite("second", 1, List.of(), WARM);
    for (int i = 0; i < 4094; i++) {
      rewrite("filler " + i, 1, List.of(), WARM);
    }
    rewrite("first", 1, List.of(), WARM);
    rewrite("one too many", 1, List.of(), WARM);
    int asked = author.requests.size();
    assertThat(asked).isEqualTo(4097);

    rewrite("first", 1, List.of(), WARM);
    assertThat(author.requests).hasSize(asked);
    rewrite("second", 1, List.of(), WARM);
    assertThat(author.requests).hasSize(asked + 1);
  }

  @Test
  void refusesBeforeTheJobWhatNobodyOfThatKindRewrites() {
    Upsampling byEncoder = new Upsampling(0.15f, null, Upsampling.Source.ENCODER);

    assertThatExceptionOfType(InvalidFieldException.class)
        .isThrownBy(() -> rewriting.check(byEncoder, RequestCheck.FLUX1))
        .withMessage(
            "upsampling: by encoder (expected: none, since this gateway has no such upsampler for"
                + " toy)");
    rewriting.check(WARM, RequestCheck.FLUX1);
    rewriting.check(null, RequestCheck.FLUX1);
  }

  @Test
  void failsTheJobWhereTheLastUpsamplerHasGoneMeanwhile() {
    Upsampling byEncoder = new Upsampling(0.15f, null, Upsampling.Source.ENCODER);

    assertThatExceptionOfType(UpsamplingFailedException.class)
        .isThrownBy(() -> rewrite("a cat", 1, List.of(), byEncoder))
        .satisfies(e -> assertThat(e.reason()).isEqualTo(UpsamplingFailedException.NO_UPSAMPLING));
  }

  @Test
  void saysThatAPictureIsGoneThoughHeld() {
    assertThatThrownBy(() -> rewrite("a cat", 1, List.of(RequestCheck.missing()), WARM))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("input " + RequestCheck.missing() + ": gone, though held");
  }

  private @Nullable String rewrite(
      String prompt, long seed, List<InputRef> images, @Nullable Upsampling upsampling) {
    Wish wish =
        new Wish(
            "",
            Guidance.NONE,
            new Sources(images, null, false, null, null, null, null),
            Embeds.NONE,
            Noise.STANDARD,
            Output.STANDARD,
            upsampling);
    return rewriting.rewrite(
        new GenerationParameters(
            prompt, 64, 64, 4, 1, seed, 1, 16, List.of(1), false, false, "toy", 0, wish),
        RequestCheck.FLUX1);
  }

  private static ByteString file(int side) {
    return TestPng.of(side, side, 100);
  }

  private InputRef picture(int side) {
    InputReceiver.Received received =
        InputReceiver.picture(100, null, inputs.maxInputBytes()).all(file(side));
    inputs.put(received.input(), received.bytes());
    return received.input().ref();
  }

  /** Numbers its answers. */
  private static final class Author implements PromptUpsampler {
    private final List<UpsamplingRequest> requests = new ArrayList<>();
    private String name = "author";
    private @Nullable UpsamplingFailedException failure;

    @Override
    public String target() {
      return name;
    }

    @Override
    public UpsampledPrompt upsample(UpsamplingRequest request) {
      if (failure != null) {
        throw failure;
      }
      requests.add(request);
      return new UpsampledPrompt(requests.size() + ": " + request.prompt(), name, 3, false);
    }

    @Override
    public void close() {}
  }
}
