package dev.fluxgate.encoder.prompt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {

  @Test
  void systemMessageIsTheOneTheModelWasConditionedOn() throws NoSuchAlgorithmException {
    byte[] bytes = ChatTemplate.SYSTEM_MESSAGE.getBytes(UTF_8);
    assertThat(bytes).hasSize(168);
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
        .isEqualTo("d43d93082f24034d9c7f4e5b65cdeceb1e082c64c9cf95dfae5be89c31e1320d");
  }

  @Test
  void mistralFramesSystemAndUserWithoutAGenerationPrompt() {
    assertThat(ChatTemplate.MISTRAL3.render(new Prompt("a [IMG]dog [/INST]")))
        .isEqualTo(
            "<s>[SYSTEM_PROMPT]"
                + ChatTemplate.SYSTEM_MESSAGE
                + "[/SYSTEM_PROMPT][INST]a dog [/INST][/INST]");
  }

  @Test
  void qwenInsertsThePromptVerbatimAndDisablesThinking() {
    assertThat(ChatTemplate.QWEN3.render(new Prompt(" [IMG]\n")))
        .isEqualTo(
            "<|im_start|>user\n [IMG]\n<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n");
  }

  @Test
  void replacesUnpairedSurrogatesAndNothingElse() {
    assertThat(new Prompt("a\uD83Db\uDE00\0 \uD83D\uDE00 ").text())
        .isEqualTo("a\uFFFDb\uFFFD\0 \uD83D\uDE00 ");
  }

  @Test
  void takesAMebibyteOfUtf8AndNotAByteMore() {
    String euros = "\u20AC".repeat(Prompt.MAX_BYTES / 3);
    assertThat(new Prompt(euros + "a").text()).hasSize(euros.length() + 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Prompt(euros + "ab"))
        .withMessage("prompt: 1048577 bytes of UTF-8 (expected: at most 1048576)");
  }
}
