package dev.fluxgate.gateway.upsample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FirstAbleUpsamplerTest {
  private static final UpsamplingRequest REQUEST = UpsamplingRequest.of("a cat", List.of(), 1);

  private final List<String> asked = new ArrayList<>();
  private final List<String> closed = new ArrayList<>();

  @Test
  void asksTheFirstAndNobodyElse() {
    assertThat(of(able("a"), able("b")).upsample(REQUEST).model()).isEqualTo("a");
    assertThat(asked).containsExactly("a");
  }

  @Test
  void passesOverWhoCannotOrIsAway() {
    assertThat(of(unable("a"), away("b"), able("c")).upsample(REQUEST).model()).isEqualTo("c");
    assertThat(asked).containsExactly("a", "b", "c");
  }

  @Test
  void stopsAtWhoRefusesThePromptItself() {
    FirstAbleUpsampler both = of(failing("a", refusal("PROMPT_TOO_LONG")), able("b"));

    assertThatThrownBy(() -> both.upsample(REQUEST)).hasMessage("PROMPT_TOO_LONG");
    assertThat(asked).containsExactly("a");
  }

  @Test
  void saysThatOneIsAwayRatherThanThatNoneCan() {
    assertThatThrownBy(() -> of(unable("a"), away("b"), unable("c")).upsample(REQUEST))
        .isInstanceOf(UpsamplerUnavailableException.class)
        .hasMessage("b is away");
    assertThatThrownBy(() -> of(unable("a"), unable("b")).upsample(REQUEST))
        .isInstanceOf(UpsamplingFailedException.class)
        .hasMessage(UpsamplingFailedException.NO_UPSAMPLING);
  }

  @Test
  void namesAndClosesThemAll() {
    FirstAbleUpsampler both = of(able("a"), away("b"));

    assertThat(both.target()).isEqualTo("a, b");
    both.close();
    assertThat(closed).containsExactly("a", "b");
  }

  @Test
  void refusesToBeNobody() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FirstAbleUpsampler(List.of()))
        .withMessage("upsamplers: none (expected: at least 1)");
  }

  private static FirstAbleUpsampler of(PromptUpsampler... members) {
    return new FirstAbleUpsampler(List.of(members));
  }

  private PromptUpsampler able(String name) {
    return failing(name, null);
  }

  private PromptUpsampler unable(String name) {
    return failing(name, refusal(UpsamplingFailedException.NO_UPSAMPLING));
  }

  private PromptUpsampler away(String name) {
    return failing(
        name, new UpsamplerUnavailableException(name + " is away", new IllegalStateException()));
  }

  private static UpsamplingFailedException refusal(String reason) {
    return new UpsamplingFailedException(reason, reason, null);
  }

  private PromptUpsampler failing(String name, @Nullable RuntimeException failure) {
    return new PromptUpsampler() {
      @Override
      public String target() {
        return name;
      }

      @Override
      public UpsampledPrompt upsample(UpsamplingRequest request) {
        asked.add(name);
        if (failure != null) {
          throw failure;
        }
        return new UpsampledPrompt(request.prompt() + ", richer", name, 3, false);
      }

      @Override
      public void close() {
        closed.add(name);
      }
    };
  }
}
