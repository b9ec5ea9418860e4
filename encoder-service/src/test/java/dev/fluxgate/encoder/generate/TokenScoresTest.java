package dev.fluxgate.encoder.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TokenScoresTest {
  private static final float GONE = Float.NEGATIVE_INFINITY;

  @Test
  void logitsAreDividedByTheTemperatureAndTheBestStay() {
    assertThat(scores(new Sampling(0.5f, 2, 1), 0, 0, 1, 4, 3)).containsExactly(GONE, GONE, 8, 6);
  }

  @Test
  void tokensAsLikelyAsTheLastOfTheBestStayToo() {
    assertThat(scores(new Sampling(1, 2, 1), 0, 0, 3, 4, 3)).containsExactly(GONE, 3, 4, 3);
  }

  @Test
  void theLeastLikelyGoAsLongAsTogetherTheyAreWithinTheRest() {
    float[] logits = {
      (float) Math.log(.1), (float) Math.log(.2), (float) Math.log(.3), (float) Math.log(.4)
    };
    assertThat(scores(new Sampling(1, 0, .65f), 0, logits)[1]).isEqualTo(GONE);
    assertThat(scores(new Sampling(1, 0, .65f), 0, logits)[2]).isFinite();
    assertThat(scores(new Sampling(1, 0, 1e-6f), 0, logits))
        .containsExactly(GONE, GONE, GONE, logits[3]);
  }

  @Test
  void anEndTokenIsNotChosenBeforeTheLeastNumberOfTokens() {
    GenerationSettings settings = new GenerationSettings(Sampling.GREEDY, 2, 5, Set.of(1, 99), 0);
    assertThat(TokenScores.of(tensor(0, 9), settings, 1)).containsExactly(0, GONE);
    assertThat(TokenScores.of(tensor(0, 9), settings, 2)).containsExactly(0, 9);
  }

  @Test
  void ofEquallyLikelyTokensTheFirstIsBest() {
    assertThat(TokenScores.best(new float[] {1, 3, 3})).isEqualTo(1);
  }

  @Test
  void aLogitThatIsNoNumberIsNamed() {
    assertThatExceptionOfType(NonFiniteLogitsException.class)
        .isThrownBy(() -> scores(Sampling.GREEDY, 0, 1, Float.NaN))
        .withMessage("logits: NaN for token 1 (expected: a number for every token)");
  }

  @Test
  void settingsOutsideTheirRangeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Sampling(1, 0, 0))
        .withMessage("top_p: 0.0 (expected: above 0, at most 1)");
    assertThatIllegalArgumentException().isThrownBy(() -> new Sampling(Float.NaN, 0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenerationSettings(Sampling.GREEDY, 3, 2, Set.of(), 0));
  }

  private static float[] scores(Sampling sampling, int written, float... logits) {
    return TokenScores.of(
        tensor(logits), new GenerationSettings(sampling, 0, 5, Set.of(), 0), written);
  }

  private static HostTensor tensor(float... logits) {
    return HostTensor.of(DType.F32, Shape.of(1, logits.length), logits);
  }
}
