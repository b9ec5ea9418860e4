package dev.fluxgate.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlainTextTest {
  @Test
  void leavesLettersOfEveryScriptAlone() {
    for (String text : new String[] {"", "a cat", "Größe 東京 🐦", "e\u0301"}) {
      assertThat(PlainText.line(text)).isEqualTo(text);
    }
  }

  @Test
  void takesEveryControlOut() {
    assertThat(PlainText.line("a\u001b[2Jb\u0007c\r\nd\te\u0000f\u007fg\u009bh"))
        .isEqualTo("a [2Jb c  d e f g h");
    for (int c = 0; c < 0xA0; c++) {
      boolean steers = c < 0x20 || c >= 0x7F;
      assertThat(PlainText.line(Character.toString(c)))
          .isEqualTo(steers ? " " : Character.toString(c));
    }
  }

  @Test
  void takesOutWhatTurnsTheDirectionOfALine() {
    assertThat(PlainText.line("a\u202Egpj.b\u2066c\u200Bd\uFEFFe")).isEqualTo("a gpj.b c d e");
  }
}
