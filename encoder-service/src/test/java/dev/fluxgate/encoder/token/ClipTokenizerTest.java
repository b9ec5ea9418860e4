package dev.fluxgate.encoder.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokenizer of CLIP as it is published: without a tokenizer.json. */
class ClipTokenizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path CASE = GoldenCase.root().resolve("testdata/golden/tokenizers/clip");

  private static final String CONFIG =
      """
      {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "do_lower_case": true,
       "bos_token": {"content": "<|startoftext|>", "normalized": true},
       "eos_token": {"content": "<|endoftext|>", "normalized": true},
       "unk_token": "<|endoftext|>", "pad_token": "<|endoftext|>"}
      """;

  /** The same bytes as ends of words stand this far behind the bytes themselves. */
  private static final int SUFFIXED = 256;

  @TempDir Path folder;

  @BeforeEach
  void publish() throws IOException {
    for (String file : List.of("vocab.json", "merges.txt")) {
      Files.copy(CASE.resolve("tokenizer").resolve(file), folder.resolve(file));
    }
    write("tokenizer_config.json", CONFIG);
  }

  @Test
  void givesTheIdsOfTheReferenceForEveryString() throws IOException {
    JsonNode rows = JSON.readTree(CASE.resolve("strings.json").toFile());
    int length =
        JSON.readTree(CASE.resolve("case.json").toFile()).at("/parameters/max_length").asInt();
    assertThat(rows).isNotEmpty();
    try (PromptTokenizer tokenizer = open()) {
      for (JsonNode row : rows) {
        String text = row.path("text").asText();
        assertThat(list(tokenizer.ids(text, true))).as(text).isEqualTo(list(row, "ids"));
        assertThat(tokenizer.encode(text, true, length).ids())
            .as(text)
            .isEqualTo(list(row, "padded_ids"));
        assertThat(tokenizer.decode(tokenizer.ids(text, true), false))
            .isEqualTo(row.path("decoded").asText());
      }
    }
  }

  @Test
  void keepsTheEndTokenOfALongPromptAndSaysThatItWasCut() throws IOException {
    try (PromptTokenizer tokenizer = open()) {
      assertThat(tokenizer.modelMaxLength()).isEqualTo(77);
      int[] one = tokenizer.ids("cat", true);
      TokenIds cut = tokenizer.encode("cat ".repeat(500), true, 77);
      assertThat(cut.truncated()).isTrue();
      assertThat(cut.tokenCount()).isEqualTo(77);
      assertThat(cut.ids().getFirst()).isEqualTo(one[0]);
      assertThat(cut.ids().getLast()).isEqualTo(one[one.length - 1]);
      assertThat(tokenizer.encode("cat", true, 77).truncated()).isFalse();
    }
  }

  @Test
  void takesNulAndTheReplacementOfASurrogate() throws IOException {
    try (PromptTokenizer tokenizer = open()) {
      assertThat(tokenizer.ids("a\0b", true)).isNotEqualTo(tokenizer.ids("ab", true));
      assertThat(tokenizer.ids("\uFFFD", false)).isNotEmpty();
    }
  }

  @Test
  void findsThePadTokenInTheMapOfOlderWriters() throws IOException {
    write("tokenizer_config.json", CONFIG.replace(", \"pad_token\": \"<|endoftext|>\"", ""));
    assertThatThrownBy(this::open)
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining("pad_token: \"\" (expected: a token of the vocabulary)");
    write("special_tokens_map.json", "{\"pad_token\": {\"content\": \"!\"}}");
    try (PromptTokenizer tokenizer = open()) {
      assertThat(tokenizer.padToken()).isEqualTo(tokenizer.ids("!", false)[0] - SUFFIXED);
    }
  }

  @Test
  void namesWhatIsMissingOrMalformed() throws IOException {
    write("merges.txt", "#version: 0.2\ni n\n\nt  h\n");
    refused("merges.txt: line 4: \"t  h\" (expected: two tokens with one space between them)");
    write("merges.txt", "#version: 0.2\nin\n");
    refused("merges.txt: line 2: \"in\" (expected: two tokens");
    write("merges.txt", "#version: 0.2\nnowhere known\n");
    refused("vocab.json: ");
    Files.delete(folder.resolve("merges.txt"));
    refused("merges.txt: cannot be read (expected: a file)");
    write("vocab.json", "{\"a\": 0}");
    write("merges.txt", "");
    refused("vocab.json: \"<|startoftext|>\":  (expected: the id of the special token)");
  }

  @Test
  void readsTheVocabularyOfNoOtherTokenizer() throws IOException {
    write("tokenizer_config.json", CONFIG.replace("CLIPTokenizer", "GPT2Tokenizer"));
    refused(
        "tokenizer.json: no such file (expected: it; without it a tokenizer_class of"
            + " \"CLIPTokenizer\" is read, not \"GPT2Tokenizer\")");
  }

  @Test
  void saysThatAModelOfSentencePieceAloneIsNotEnough() throws IOException {
    Files.delete(folder.resolve("vocab.json"));
    write("spiece.model", "any");
    refused("tokenizer.json: no such file (expected: it beside spiece.model, which alone is not");
  }

  private void refused(String message) {
    assertThatThrownBy(this::open)
        .isInstanceOf(TokenizerFormatException.class)
        .hasMessageContaining(message);
  }

  private PromptTokenizer open() {
    return PromptTokenizer.open(folder, PaddingSide.RIGHT);
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(folder.resolve(file), text);
  }

  private static List<Integer> list(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }

  private static List<Integer> list(JsonNode row, String name) {
    return StreamSupport.stream(row.path(name).spliterator(), false).map(JsonNode::asInt).toList();
  }
}
