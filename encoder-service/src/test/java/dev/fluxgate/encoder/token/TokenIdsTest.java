package dev.fluxgate.encoder.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class TokenIdsTest {

  @Test
  void theMaskIsOneWhereTextIs() {
    TokenIds left = new TokenIds(List.of(0, 0, 7), 2, 1, false);
    assertThat(left.attentionMask()).containsExactly(0, 0, 1);
    assertThat(left.endToken()).isEqualTo(3);
    assertThat(new TokenIds(List.of(7, 0, 0), 0, 1, false).attentionMask())
        .containsExactly(1, 0, 0);
    assertThat(new TokenIds(List.of(0, 0), 2, 0, false).attentionMask()).containsExactly(0, 0);
  }

  @Test
  void isEqualByContentSoThatEqualPromptsAreEncodedOnce() {
    assertThat(new TokenIds(List.of(1, 2), 0, 2, false))
        .isEqualTo(new TokenIds(List.of(1, 2), 0, 2, false))
        .isNotEqualTo(new TokenIds(List.of(1, 2), 0, 1, false))
        .isNotEqualTo(new TokenIds(List.of(1, 3), 0, 2, false));
  }

  @Test
  void keepsThePromptOutOfLogs() {
    assertThat(new TokenIds(List.of(901, 902), 0, 2, true)).hasToString("2 of 2 ids, truncated");
  }

  @Test
  void refusesARunOutsideTheIds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TokenIds(List.of(1, 2), 1, 2, false))
        .withMessage("tokens: 2 from 1 (expected: within the 2 ids)");
  }
}
