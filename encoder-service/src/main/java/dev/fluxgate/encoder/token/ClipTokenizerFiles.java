package dev.fluxgate.encoder.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The tokenizer of CLIP as FLUX.1 is published with it: {@code vocab.json} and {@code merges.txt}
 * in place of a {@code tokenizer.json}, which is put together here (formats spec §9.5).
 */
final class ClipTokenizerFiles {
  /** Words, letters and marks, each a piece; whatever lies between them is dropped. */
  private static final String PIECES =
      "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d"
          + "|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

  private static final String START = "<|startoftext|>";
  private static final String END = "<|endoftext|>";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ClipTokenizerFiles() {}

  /**
   * The tokenizer.json that says the same.
   *
   * @param vocabulary content of {@code file}, token → id
   * @param merges lines of {@code mergesFile}
   * @param config tokenizer_config.json, which may name the special tokens
   * @throws TokenizerFormatException for a merge that is no pair and a special without an id
   */
  static ObjectNode tokenizer(
      Path file, ObjectNode vocabulary, Path mergesFile, List<String> merges, ObjectNode config) {
    String start = special(config, "bos_token", START);
    String end = special(config, "eos_token", END);
    String unknown = special(config, "unk_token", END);
    ObjectNode tokenizer = NODES.objectNode();
    tokenizer.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = tokenizer.putArray("added_tokens");
    // Those of the configuration come first: they say how spaces round them are treated.
    TokenizerFiles.addTokens(added, config.path("added_tokens_decoder"));
    for (String each : new LinkedHashSet<>(List.of(start, end, unknown))) {
      declare(added, each, id(vocabulary, each, file));
    }
    tokenizer.set("normalizer", normalizer());
    tokenizer.set("pre_tokenizer", preTokenizer());
    ObjectNode frame = tokenizer.putObject("post_processor");
    frame.put("type", "RobertaProcessing").put("trim_offsets", false);
    frame.put("add_prefix_space", false);
    frame.putArray("sep").add(end).add(id(vocabulary, end, file));
    frame.putArray("cls").add(start).add(id(vocabulary, start, file));
    tokenizer.set("decoder", byteLevel(true));
    tokenizer.set("model", model(vocabulary, pairs(mergesFile, merges), unknown));
    return tokenizer;
  }

  private static ObjectNode normalizer() {
    ObjectNode sequence = NODES.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    steps.addObject().put("type", "NFC");
    ObjectNode spaces = steps.addObject().put("type", "Replace").put("content", " ");
    spaces.putObject("pattern").put("Regex", "\\s+");
    steps.addObject().put("type", "Lowercase");
    return sequence;
  }

  private static ObjectNode preTokenizer() {
    ObjectNode sequence = NODES.objectNode().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("pretokenizers");
    ObjectNode split = steps.addObject().put("type", "Split");
    split.putObject("pattern").put("Regex", PIECES);
    split.put("behavior", "Removed").put("invert", true);
    steps.add(byteLevel(false));
    return sequence;
  }

  private static ObjectNode byteLevel(boolean prefixSpace) {
    ObjectNode step = NODES.objectNode().put("type", "ByteLevel");
    return step.put("add_prefix_space", prefixSpace)
        .put("trim_offsets", true)
        .put("use_regex", true);
  }

  private static ObjectNode model(ObjectNode vocabulary, ArrayNode pairs, String unknown) {
    ObjectNode model = NODES.objectNode().put("type", "BPE").putNull("dropout");
    model.put("unk_token", unknown).put("continuing_subword_prefix", "");
    model.put("end_of_word_suffix", "</w>").put("fuse_unk", false);
    model.put("byte_fallback", false).put("ignore_merges", false);
    model.set("vocab", vocabulary);
    model.set("merges", pairs);
    return model;
  }

  /** Lines "a b"; the first one may be a comment with the version, blank ones are none. */
  private static ArrayNode pairs(Path file, List<String> lines) {
    ArrayNode pairs = NODES.arrayNode(lines.size());
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || (i == 0 && line.startsWith("#version"))) {
        continue;
      }
      String[] pair = line.split(" ", -1);
      if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
        throw new TokenizerFormatException(
            file
                + ": line "
                + (i + 1)
                + ": \""
                + line
                + "\" (expected: two tokens with one space between them)");
      }
      pairs.addArray().add(pair[0]).add(pair[1]);
    }
    return pairs;
  }

  private static void declare(ArrayNode added, String content, int id) {
    Set<String> known = new LinkedHashSet<>();
    added.forEach(token -> known.add(token.path("content").asText()));
    if (!known.contains(content)) {
      ObjectNode token = added.addObject().put("id", id).put("content", content);
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
  }

  private static String special(ObjectNode config, String role, String usual) {
    JsonNode node = config.path(role);
    String name = node.isObject() ? node.path("content").asText("") : node.asText("");
    return name.isEmpty() ? usual : name;
  }

  private static int id(ObjectNode vocabulary, String token, Path file) {
    JsonNode id = vocabulary.path(token);
    if (!id.isInt()) {
      throw new TokenizerFormatException(
          file + ": \"" + token + "\": " + id + " (expected: the id of the special token)");
    }
    return id.intValue();
  }
}
