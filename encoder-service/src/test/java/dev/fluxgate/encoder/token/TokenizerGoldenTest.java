package dev.fluxgate.encoder.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every case of the golden family {@code tokenizers}: ids and strings must be equal. */
class TokenizerGoldenTest {
  private static final Path FAMILY =
      Path.of(System.getProperty("fluxgate.root"), "testdata", "golden", "tokenizers");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TestFactory
  Stream<DynamicTest> everyCaseIsMet() throws IOException {
    try (Stream<Path> folders = Files.list(FAMILY)) {
      List<Path> cases = folders.filter(f -> Files.exists(f.resolve("case.json"))).toList();
      return cases.stream()
          .sorted()
          .map(folder ->
              DynamicTest.dynamicTest(folder.getFileName().toString(), () -> run(folder)));
    }
  }

  private static void run(Path folder) throws IOException {
    JsonNode spec = JSON.readTree(folder.resolve("case.json").toFile());
    int length = spec.at("/parameters/max_length").asInt();
    String operation = spec.path("operation").asText();
    Path model = folder.resolve(spec.path("model").asText());
    boolean chat = operation.equals("chat_template");
    JsonNode rows = JSON.readTree(folder.resolve(chat ? "chats.json" : "strings.json").toFile());
    assertThat(rows).as("rows").isNotEmpty();
    SoftAssertions softly = new SoftAssertions();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(model, PaddingSide.RIGHT)) {
      for (JsonNode row : rows) {
        if (chat) {
          compareChat(row, tokenizer, length, softly);
        } else {
          compareStrings(row, tokenizer, length, softly);
        }
      }
    }
    softly.assertAll();
  }

  private static void compareStrings(
      JsonNode row, PromptTokenizer tokenizer, int length, SoftAssertions softly) {
    String text = row.path("text").asText();
    int[] ids = tokenizer.ids(text, true);
    softly.assertThat(ids).as(text).isEqualTo(ints(row, "ids"));
    softly
        .assertThat(tokenizer.ids(text, false))
        .as(text)
        .isEqualTo(ints(row, "ids_without_specials"));
    TokenIds padded = tokenizer.encode(text, true, length);
    softly.assertThat(padded.ids()).as(text).isEqualTo(list(row, "padded_ids"));
    softly.assertThat(padded.attentionMask()).as(text).isEqualTo(list(row, "attention_mask"));
    softly.assertThat(padded.truncated()).as(text).isEqualTo(ids.length > length);
    softly.assertThat(tokenizer.decode(ids, false)).isEqualTo(row.path("decoded").asText());
    softly
        .assertThat(tokenizer.decode(ids, true))
        .isEqualTo(row.path("decoded_skip_specials").asText());
  }

  private static void compareChat(
      JsonNode row, PromptTokenizer tokenizer, int length, SoftAssertions softly) {
    String rendered = row.path("rendered").asText();
    ChatTemplate template = rendered.startsWith("<s>") ? ChatTemplate.MISTRAL3 : ChatTemplate.QWEN3;
    boolean specials = template.addsSpecialTokens();
    softly.assertThat(tokenizer.ids(rendered, specials)).isEqualTo(ints(row, "ids"));
    if (row.has("padded_ids")) {
      String ours = template.render(new Prompt(row.path("prompt").asText()));
      softly.assertThat(ours).isEqualTo(rendered);
      TokenIds padded = tokenizer.encode(ours, specials, length);
      softly.assertThat(padded.ids()).isEqualTo(list(row, "padded_ids"));
      softly.assertThat(padded.attentionMask()).isEqualTo(list(row, "attention_mask"));
    }
  }

  private static List<Integer> list(JsonNode row, String name) {
    return Arrays.stream(ints(row, name)).boxed().toList();
  }

  private static int[] ints(JsonNode row, String name) {
    return StreamSupport.stream(row.path(name).spliterator(), false)
        .mapToInt(JsonNode::asInt)
        .toArray();
  }
}
