package dev.fluxgate.encoder.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptTokenizerTest {
  /** Words a, b and c; [X] is declared by the configuration alone. */
  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
       "post_processor": null, "decoder": null,
       "model": {"type": "WordLevel", "vocab": {"<pad>": 0, "a": 1, "b": 2, "c": 3},
                 "unk_token": "<pad>"}}
      """;

  @TempDir Path folder;

  @Test
  void padsOnTheDefaultSideWhereTheFolderNamesNone() throws IOException {
    write(TOKENIZER, "{\"pad_token\": \"<pad>\"}");
    try (PromptTokenizer left = PromptTokenizer.open(folder, PaddingSide.LEFT);
        PromptTokenizer right = PromptTokenizer.open(folder, PaddingSide.RIGHT)) {
      assertThat(left.encode("a b", false, 4).ids()).containsExactly(0, 0, 1, 2);
      assertThat(left.encode("a b", false, 4).attentionMask()).containsExactly(0, 0, 1, 1);
      assertThat(right.encode("a b", false, 4).ids()).containsExactly(1, 2, 0, 0);
    }
  }

  @Test
  void thePaddingSideOfTheFolderWins() throws IOException {
    write(TOKENIZER, "{\"pad_token\": {\"content\": \"<pad>\"}, \"padding_side\": \"left\"}");
    try (PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.RIGHT)) {
      assertThat(tokenizer.encode("c", false, 2).ids()).containsExactly(0, 3);
    }
  }

  @Test
  void cutsTheEndAndSaysSo() throws IOException {
    write(TOKENIZER, "{\"pad_token\": \"<pad>\"}");
    try (PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      TokenIds tokens = tokenizer.encode("a b c", false, 2);
      assertThat(tokens).isEqualTo(new TokenIds(java.util.List.of(1, 2), 0, 2, true));
      assertThatThrownBy(() -> tokenizer.encode("a", false, 0))
          .hasMessage("max_sequence_length: 0 (expected: more than 0 tokens)");
    }
  }

  @Test
  void knowsTokensThatOnlyTheConfigurationAdds() throws IOException {
    write(
        TOKENIZER,
        """
        {"pad_token": "<pad>", "model_max_length": 1e30,
         "added_tokens_decoder": {"4": {"content": "[X]", "special": true}}}
        """);
    try (PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      assertThat(tokenizer.ids("a[X]b", false)).containsExactly(1, 4, 2);
      assertThat(tokenizer.largestId()).isEqualTo(4);
      assertThat(tokenizer.modelMaxLength()).isEqualTo(Integer.MAX_VALUE);
    }
  }

  @Test
  void readsTheModelsOwnLimit() throws IOException {
    write(TOKENIZER, "{\"pad_token\": \"<pad>\", \"model_max_length\": 32}");
    try (PromptTokenizer tokenizer = PromptTokenizer.open(folder, PaddingSide.LEFT)) {
      assertThat(tokenizer.modelMaxLength()).isEqualTo(32);
    }
  }

  @Test
  void namesTheFileThatIsMissingOrMalformed() throws IOException {
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining("tokenizer.json: cannot be read");
    write("{", "{}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .hasMessageContaining("tokenizer.json: no JSON (expected: a JSON object)");
    write("[]", "{}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .hasMessageContaining("tokenizer.json: another JSON value (expected: an object)");
    write("{\"model\": {\"vocab\": {}}}", "{}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .hasMessageContaining("vocabulary of 0 tokens");
    write(TOKENIZER.replace("WordLevel", "Nonsense"), "{\"pad_token\": \"<pad>\"}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining("(expected: a tokenizer of the Hugging Face library)");
  }

  @Test
  void refusesAPadTokenOrSideThatCannotBe() throws IOException {
    write(TOKENIZER, "{\"pad_token\": \"<none>\"}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .hasMessageContaining("pad_token: \"<none>\" (expected: a token of the vocabulary)");
    write(TOKENIZER, "{\"pad_token\": \"<pad>\", \"padding_side\": \"middle\"}");
    assertThatThrownBy(() -> PromptTokenizer.open(folder, PaddingSide.LEFT))
        .hasMessageContaining("padding_side: \"middle\" (expected: left or right)");
  }

  @Test
  void theNativeLibraryStaysOfflineAndReportsNothing() throws IOException {
    write(TOKENIZER, "{\"pad_token\": \"<pad>\"}");
    PromptTokenizer.open(folder, PaddingSide.LEFT).close();
    assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
    assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
  }

  private void write(String tokenizer, String config) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer);
    Files.writeString(folder.resolve("tokenizer_config.json"), config);
  }
}
