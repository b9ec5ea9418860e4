package dev.fluxgate.encoder.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
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
    List<String> mismatches = new ArrayList<>();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(model, PaddingSide.RIGHT)) {
      for (JsonNode row : rows) {
        if (chat) {
          compareChat(row, tokenizer, length, mismatches);
        } else {
          compareStrings(row, tokenizer, length, mismatches);
        }
      }
    }
    assertThat(mismatches).isEmpty();
  }

  private static void compareStrings(
      JsonNode row, PromptTokenizer tokenizer, int length, List<String> mismatches) {
    String text = row.path("text").asText();
    List<Integer> ids = ids(tokenizer, text, true);
    TokenIds padded = tokenizer.encode(text, true, length);
    int[] all = tokenizer.ids(text, true);
    compare(row, "ids", list(row, "ids"), ids, mismatches);
    compare(
        row,
        "ids_without_specials",
        list(row, "ids_without_specials"),
        ids(tokenizer, text, false),
        mismatches);
    compare(row, "padded_ids", list(row, "padded_ids"), padded.ids(), mismatches);
    compare(row, "attention_mask", list(row, "attention_mask"), padded.attentionMask(), mismatches);
    compare(row, "truncated", ids.size() > length, padded.truncated(), mismatches);
    compare(row, "decoded", row.path("decoded").asText(), tokenizer.decode(all, false), mismatches);
    compare(
        row,
        "decoded_skip_specials",
        row.path("decoded_skip_specials").asText(),
        tokenizer.decode(all, true),
        mismatches);
  }

  private static void compareChat(
      JsonNode row, PromptTokenizer tokenizer, int length, List<String> mismatches) {
    String rendered = row.path("rendered").asText();
    ChatTemplate template = rendered.startsWith("<s>") ? ChatTemplate.MISTRAL3 : ChatTemplate.QWEN3;
    boolean specials = template.addsSpecialTokens();
    compare(row, "ids", list(row, "ids"), ids(tokenizer, rendered, specials), mismatches);
    if (row.has("padded_ids")) {
      String ours = template.render(new Prompt(row.path("prompt").asText()));
      TokenIds padded = tokenizer.encode(ours, specials, length);
      compare(row, "rendered", rendered, ours, mismatches);
      compare(row, "padded_ids", list(row, "padded_ids"), padded.ids(), mismatches);
      compare(
          row, "attention_mask", list(row, "attention_mask"), padded.attentionMask(), mismatches);
    }
  }

  private static void compare(
      JsonNode row, String what, Object expected, Object actual, List<String> mismatches) {
    if (!expected.equals(actual)) {
      mismatches.add(row + ": " + what + ": " + actual);
    }
  }

  private static List<Integer> ids(PromptTokenizer tokenizer, String text, boolean specials) {
    return Arrays.stream(tokenizer.ids(text, specials)).boxed().toList();
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
