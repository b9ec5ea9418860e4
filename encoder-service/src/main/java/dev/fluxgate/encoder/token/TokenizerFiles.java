package dev.fluxgate.encoder.token;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code tokenizer.json} and {@code tokenizer_config.json} of a folder, as far as they are read
 * here: everything else is the native library's (formats spec §9.1). For CLIP, {@code vocab.json}
 * and {@code merges.txt} do as well.
 *
 * @param file path of tokenizer.json or vocab.json, for errors
 * @param json content of tokenizer.json, with the added tokens of tokenizer_config.json that it
 *     lacks
 * @param padToken id of the padding token
 * @param paddingSide where padding goes
 * @param modelMaxLength most tokens the model was made for; {@link Integer#MAX_VALUE} for no limit
 * @param largestId largest id in use
 * @param wordSuffix what ends the last token of a word, as {@code </w>}; empty for none
 */
record TokenizerFiles(
    Path file,
    String json,
    int padToken,
    PaddingSide paddingSide,
    int modelMaxLength,
    int largestId,
    String wordSuffix) {
  private static final String WHOLE = "tokenizer.json";
  private static final long MAX_FILE_BYTES = 64L << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a tokenizer folder.
   *
   * @param defaultSide padding side where the folder names none
   * @throws TokenizerFormatException for a missing or unreadable file
   */
  static TokenizerFiles read(Path folder, PaddingSide defaultSide) {
    Path configFile = folder.resolve("tokenizer_config.json");
    Path file = file(folder);
    byte[] json = bytes(file);
    ObjectNode config = parse(configFile, bytes(configFile));
    ObjectNode tokenizer = parse(file, json);
    boolean whole = file.endsWith(WHOLE);
    if (!whole) {
      tokenizer = clip(file, tokenizer, config);
    }
    boolean changed =
        addTokens(tokenizer.withArray("/added_tokens"), config.path("added_tokens_decoder"));
    Map<String, Integer> ids = ids(tokenizer, file);
    return new TokenizerFiles(
        file,
        whole && !changed ? new String(json, StandardCharsets.UTF_8) : tokenizer.toString(),
        padToken(folder, config, ids, configFile),
        side(config, configFile, defaultSide),
        maxLength(config),
        ids.values().stream().mapToInt(Integer::intValue).max().orElse(0),
        tokenizer.path("model").path("end_of_word_suffix").asText(""));
  }

  /** What holds the vocabulary: tokenizer.json, or vocab.json where there is none. */
  private static Path file(Path folder) {
    Path whole = folder.resolve(WHOLE);
    Path vocabulary = folder.resolve("vocab.json");
    if (!Files.exists(whole) && Files.exists(folder.resolve("spiece.model"))) {
      throw new TokenizerFormatException(
          whole
              + ": no such file (expected: it beside spiece.model, which alone is not read;"
              + " transformers writes one when it saves the tokenizer)");
    }
    return !Files.exists(whole) && Files.exists(vocabulary) ? vocabulary : whole;
  }

  private static ObjectNode clip(Path file, ObjectNode vocabulary, ObjectNode config) {
    Path merges = file.resolveSibling("merges.txt");
    String kind = config.path("tokenizer_class").asText("");
    if (!kind.equals("CLIPTokenizer") && !kind.equals("CLIPTokenizerFast")) {
      throw new TokenizerFormatException(
          file.resolveSibling(WHOLE)
              + ": no such file (expected: it; without it a tokenizer_class of \"CLIPTokenizer\" is"
              + " read, not \""
              + kind
              + "\")");
    }
    List<String> lines = new String(bytes(merges), StandardCharsets.UTF_8).lines().toList();
    return ClipTokenizerFiles.tokenizer(file, vocabulary, merges, lines, config);
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new TokenizerFormatException(
            file + ": " + Files.size(file) + " bytes (expected: at most " + MAX_FILE_BYTES + ")");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new TokenizerFormatException(file + ": cannot be read (expected: a file)", e);
    }
  }

  private static ObjectNode parse(Path file, byte[] json) {
    try {
      if (JSON.readTree(json) instanceof ObjectNode object) {
        return object;
      }
    } catch (IOException e) {
      throw new TokenizerFormatException(file + ": no JSON (expected: a JSON object)", e);
    }
    throw new TokenizerFormatException(file + ": another JSON value (expected: an object)");
  }

  /** Appends tokens that only the configuration declares; older writers split them so. */
  static boolean addTokens(ArrayNode added, JsonNode decoder) {
    Map<String, Integer> known = new HashMap<>();
    added.forEach(token -> known.put(token.path("content").asText(), token.path("id").asInt()));
    boolean changed = false;
    for (Map.Entry<String, JsonNode> entry : decoder.properties()) {
      String content = entry.getValue().path("content").asText("");
      if (!content.isEmpty() && !known.containsKey(content) && entry.getKey().matches("\\d{1,9}")) {
        ObjectNode token = JsonNodeFactory.instance.objectNode();
        token.put("id", Integer.parseInt(entry.getKey())).put("content", content);
        for (String flag : new String[] {"single_word", "lstrip", "rstrip", "normalized"}) {
          token.put(flag, entry.getValue().path(flag).asBoolean(false));
        }
        token.put("special", entry.getValue().path("special").asBoolean(true));
        added.add(token);
        changed = true;
      }
    }
    return changed;
  }

  /** Every token with its id; the vocabulary is a map for BPE, a list of pieces for Unigram. */
  private static Map<String, Integer> ids(ObjectNode tokenizer, Path file) {
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    Map<String, Integer> ids = new HashMap<>();
    if (vocabulary.isArray()) {
      for (int i = 0; i < vocabulary.size(); i++) {
        ids.put(vocabulary.get(i).path(0).asText(), i);
      }
    } else {
      vocabulary.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt(-1)));
    }
    for (JsonNode token : tokenizer.path("added_tokens")) {
      ids.put(token.path("content").asText(), token.path("id").asInt(-1));
    }
    if (ids.isEmpty() || ids.containsValue(-1)) {
      throw new TokenizerFormatException(
          file + ": vocabulary of " + ids.size() + " tokens (expected: tokens with their ids)");
    }
    return ids;
  }

  private static int padToken(Path folder, ObjectNode config, Map<String, Integer> ids, Path file) {
    JsonNode node = config.path("pad_token");
    Path specials = folder.resolve("special_tokens_map.json");
    if (node.isMissingNode() && Files.exists(specials)) {
      // Older writers keep it there alone.
      node = parse(specials, bytes(specials)).path("pad_token");
    }
    String name = node.isObject() ? node.path("content").asText("") : node.asText("");
    @Nullable Integer id = ids.get(name);
    if (id == null) {
      throw new TokenizerFormatException(
          file + ": pad_token: \"" + name + "\" (expected: a token of the vocabulary)");
    }
    return id;
  }

  private static PaddingSide side(ObjectNode config, Path file, PaddingSide defaultSide) {
    String side = config.path("padding_side").asText("");
    return switch (side) {
      case "" -> defaultSide;
      case "left" -> PaddingSide.LEFT;
      case "right" -> PaddingSide.RIGHT;
      default ->
          throw new TokenizerFormatException(
              file + ": padding_side: \"" + side + "\" (expected: left or right)");
    };
  }

  /** Writers put 1e30 where there is no limit. */
  private static int maxLength(ObjectNode config) {
    double limit = config.path("model_max_length").asDouble(0);
    return limit >= 1 && limit < Integer.MAX_VALUE ? (int) limit : Integer.MAX_VALUE;
  }
}
