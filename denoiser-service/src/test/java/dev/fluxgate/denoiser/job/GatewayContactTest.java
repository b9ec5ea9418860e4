package dev.fluxgate.denoiser.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.job.GatewayContact.Line;
import org.junit.jupiter.api.Test;

class GatewayContactTest {
  private static final String WHY = "model_hash: a (expected: b)";

  private final GatewayContact contact = new GatewayContact();

  @Test
  void saysOnceThatThereIsNoGatewayAndOnceThatThereIs() {
    assertThat(contact.lost("refused"))
        .contains(new Line(false, "the gateway is out of reach: refused; dialling on"));
    assertThat(contact.lost("refused")).isEmpty();
    assertThat(contact.welcomed()).contains(new Line(false, "attached to the gateway"));
    assertThat(contact.settled()).isEmpty();
    assertThat(contact.lost("refused")).isPresent();
  }

  @Test
  void warnsOnceOfARefusalThoughAWelcomeComesFirstEveryTime() {
    assertThat(contact.welcomed()).isPresent();
    assertThat(contact.refused("MODEL_MISMATCH", WHY))
        .contains(
            new Line(
                true,
                "refused by the gateway: MODEL_MISMATCH: model_hash: a (expected: b); dialling"
                    + " on"));
    for (int dial = 0; dial < 3; dial++) {
      assertThat(contact.welcomed()).isEmpty();
      assertThat(contact.refused("MODEL_MISMATCH", WHY)).isEmpty();
    }
    assertThat(contact.settled()).isPresent();
  }

  @Test
  void warnsAgainWhenTheReasonChanges() {
    assertThat(contact.refused("MODEL_MISMATCH", WHY)).isPresent();
    assertThat(contact.refused("INVALID_ARGUMENT", "name: \"\"")).isPresent();
    assertThat(contact.lost("down")).isPresent();
    assertThat(contact.refused("INVALID_ARGUMENT", "name: \"\"")).isPresent();
  }

  @Test
  void staysOnOneLine() {
    assertThat(contact.lost("a\n  b\tc").orElseThrow().text())
        .isEqualTo("the gateway is out of reach: a b c; dialling on");
  }
}
