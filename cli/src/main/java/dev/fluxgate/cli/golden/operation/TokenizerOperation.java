package dev.fluxgate.cli.golden.operation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PaddingSide;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.TokenIds;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Texts → ids and back; compared row by row with a JSON document. */
final class TokenizerOperation {
  private TokenizerOperation() {}

  /** Plain strings, with and without special tokens, padded, truncated and decoded. */
  static void strings(CaseRun run) throws IOException {
    compare(run, "strings.json", TokenizerOperation::complaintOfString);
  }

  /** Prompts framed by a chat template. */
  static void chats(CaseRun run) throws IOException {
    compare(run, "chats.json", TokenizerOperation::complaintOfChat);
  }

  /** What is wrong with our answer to one row; empty if nothing is. */
  private interface RowCheck {
    String complaint(JsonNode row, PromptTokenizer tokenizer, int length);
  }

  private static void compare(CaseRun run, String document, RowCheck check) throws IOException {
    int length = run.golden().parameters().path("max_length").intValue();
    JsonNode rows = run.golden().document(document);
    try (PromptTokenizer tokenizer =
        PromptTokenizer.open(run.golden().modelFolder(), PaddingSide.RIGHT)) {
      int wrong = 0;
      String first = rows.isEmpty() ? "no rows" : "";
      for (JsonNode row : rows) {
        String complaint = check.complaint(row, tokenizer, length);
        wrong += complaint.isEmpty() ? 0 : 1;
        first = first.isEmpty() ? complaint : first;
      }
      String rest = wrong > 1 ? " (and " + (wrong - 1) + " more rows)" : "";
      run.judge(document + ", " + rows.size() + " rows", "json", first + rest);
    }
  }

  private static String complaintOfString(JsonNode row, PromptTokenizer tokenizer, int length) {
    String text = row.path("text").asText();
    int[] ids = tokenizer.ids(text, true);
    TokenIds padded = tokenizer.encode(text, true, length);
    return firstOf(
        differs(row, "ids", list(ids)),
        differs(row, "ids_without_specials", list(tokenizer.ids(text, false))),
        differs(row, "padded_ids", padded.ids()),
        differs(row, "attention_mask", padded.attentionMask()),
        differs(row, "decoded", tokenizer.decode(ids, false)),
        differs(row, "decoded_skip_specials", tokenizer.decode(ids, true)));
  }

  private static String complaintOfChat(JsonNode row, PromptTokenizer tokenizer, int length) {
    String rendered = row.path("rendered").asText();
    ChatTemplate template = rendered.startsWith("<s>") ? ChatTemplate.MISTRAL3 : ChatTemplate.QWEN3;
    boolean specials = template.addsSpecialTokens();
    String ids = differs(row, "ids", list(tokenizer.ids(rendered, specials)));
    if (!row.has("padded_ids")) {
      // Another system message than that of embeddings: its text is given, not ours to render.
      return ids;
    }
    String ours = template.render(new Prompt(row.path("prompt").asText()));
    TokenIds padded = tokenizer.encode(ours, specials, length);
    return firstOf(
        ids,
        differs(row, "rendered", ours),
        differs(row, "padded_ids", padded.ids()),
        differs(row, "attention_mask", padded.attentionMask()));
  }

  private static String firstOf(String... complaints) {
    return Arrays.stream(complaints).filter(each -> !each.isEmpty()).findFirst().orElse("");
  }

  private static String differs(JsonNode row, String member, Object ours) {
    JsonNode golden = row.path(member);
    Object expected = golden.isArray() ? Numbers.ints(golden) : golden.asText();
    return expected.equals(ours) ? "" : member + ": " + ours + " (expected: " + expected + ")";
  }

  private static List<Integer> list(int[] ids) {
    return Arrays.stream(ids).boxed().toList();
  }
}
