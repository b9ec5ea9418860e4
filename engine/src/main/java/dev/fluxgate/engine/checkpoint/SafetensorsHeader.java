package dev.fluxgate.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import dev.fluxgate.engine.tensor.DType;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON header of a safetensors file as a stream, with the tolerance of the reference
 * crate (formats spec §1.3): white space around the object, an entry written as a three-element
 * array and unknown fields of an entry pass, the last of equal tensor names wins; repeated fields,
 * floats, negative numbers and lone surrogates do not.
 *
 * <p>Tighter than the reference where memory is at stake: a million entries, rank 64, numbers of 63
 * bits.
 */
final class SafetensorsHeader {
  private static final String METADATA = "__metadata__";
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_RANK = 64;

  // No table of names: hostile names could be chosen to collide in it.
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(127)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Path file;
  private final JsonParser parser;
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private @Nullable Map<String, String> metadata;
  private boolean hasMetadataField;
  private int count;

  private SafetensorsHeader(Path file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Parses all of {@code json}.
   *
   * @param file for messages only
   * @throws CheckpointCorruptException if this is no header
   */
  static SafetensorsHeader parse(Path file, Reader json) throws IOException {
    try (JsonParser parser = JSON.createParser(json)) {
      SafetensorsHeader header = new SafetensorsHeader(file, parser);
      header.read();
      return header;
    } catch (CharacterCodingException malformed) {
      throw new CheckpointCorruptException(file, "header", "bytes that are no text", "UTF-8");
    } catch (JsonProcessingException malformed) {
      String problem = malformed.getOriginalMessage().lines().findFirst().orElse("");
      throw new CheckpointCorruptException(file, "header", problem, "a JSON object");
    }
  }

  /** The entries that survive, in the order of their names' first appearance. */
  List<TensorEntry> entries() {
    return List.copyOf(entries.values());
  }

  /** The pairs of {@code __metadata__}; empty if there are none. */
  Map<String, String> metadata() {
    return metadata == null ? Map.of() : metadata;
  }

  private void read() throws IOException {
    require(next() == JsonToken.START_OBJECT, "header", "a JSON object");
    while (next() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      countEntry();
      next();
      if (name.equals(METADATA)) {
        if (hasMetadataField) {
          throw new CheckpointCorruptException(file, METADATA, "given twice", "at most once");
        }
        hasMetadataField = true;
        readMetadata();
      } else {
        entries.put(name, readEntry(name));
      }
    }
    require(next() == null, "header", "nothing after the JSON object");
  }

  private void readMetadata() throws IOException {
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    require(parser.currentToken() == JsonToken.START_OBJECT, METADATA, "an object of strings");
    Map<String, String> pairs = new LinkedHashMap<>();
    while (next() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      countEntry();
      require(next() == JsonToken.VALUE_STRING, METADATA + "." + key, "a string");
      pairs.put(key, parser.getText());
    }
    metadata = pairs;
  }

  private TensorEntry readEntry(String name) throws IOException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      next();
      DType dtype = readDtype(name);
      next();
      List<Long> shape = readNumbers(name, "shape", MAX_RANK);
      next();
      List<Long> offsets = readNumbers(name, "data_offsets", 2);
      require(next() == JsonToken.END_ARRAY, name, "dtype, shape and data_offsets");
      return entry(name, dtype, shape, offsets);
    }
    require(parser.currentToken() == JsonToken.START_OBJECT, name, "an object");
    DType dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (next() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      next();
      switch (field) {
        case "dtype" -> {
          requireFirst(dtype, name, field);
          dtype = readDtype(name);
        }
        case "shape" -> {
          requireFirst(shape, name, field);
          shape = readNumbers(name, field, MAX_RANK);
        }
        case "data_offsets" -> {
          requireFirst(offsets, name, field);
          offsets = readNumbers(name, field, 2);
        }
        default -> skipValue();
      }
    }
    return entry(name, dtype, shape, offsets);
  }

  private TensorEntry entry(
      String name,
      @Nullable DType dtype,
      @Nullable List<Long> shape,
      @Nullable List<Long> offsets) {
    if (dtype == null || shape == null || offsets == null) {
      String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw new CheckpointCorruptException(file, name, "no " + missing, "one");
    }
    if (offsets.size() != 2) {
      throw new CheckpointCorruptException(
          file, name, "data_offsets " + offsets, "a begin and an end");
    }
    return new TensorEntry(name, dtype, shape, offsets.getFirst(), offsets.getLast());
  }

  private DType readDtype(String name) throws IOException {
    require(parser.currentToken() == JsonToken.VALUE_STRING, name + ": dtype", "a string");
    String text = parser.getText();
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw new CheckpointCorruptException(
        file, name + ": dtype", text, "one of " + List.of(DType.values()));
  }

  private List<Long> readNumbers(String name, String field, int most) throws IOException {
    String where = name + ": " + field;
    require(parser.currentToken() == JsonToken.START_ARRAY, where, "a list of integers");
    List<Long> numbers = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      require(numbers.size() < most, where, "at most " + most + " entries");
      numbers.add(readNumber(where));
    }
    return numbers;
  }

  private long readNumber(String where) throws IOException {
    String text = parser.getText();
    boolean integer = parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
    require(integer && !text.startsWith("-"), where, "an integer >= 0");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException tooLarge) {
      throw new CheckpointCorruptException(file, where, text, "at most " + Long.MAX_VALUE);
    }
  }

  private void skipValue() throws IOException {
    int depth = 0;
    JsonToken token = parser.currentToken();
    while (true) {
      if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
        depth++;
      } else if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
        depth--;
      }
      if (depth == 0) {
        return;
      }
      token = next();
    }
  }

  /**
   * The next token. Whatever it stands for, a string must not hold half a surrogate pair, and a
   * number must fit a float64.
   */
  private @Nullable JsonToken next() throws IOException {
    JsonToken token = parser.nextToken();
    if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
      String text = parser.getText();
      for (int i = 0; i < text.length(); i++) {
        if (Character.isSurrogate(text.charAt(i)) && !CheckpointException.isPaired(text, i)) {
          throw new JsonParseException(parser, "Lone surrogate in \"" + text + '"');
        }
      }
    } else if (token != null
        && token.isNumeric()
        && Double.isInfinite(Double.parseDouble(parser.getText()))) {
      throw new JsonParseException(parser, "Number out of range: " + parser.getText());
    }
    return token;
  }

  private void countEntry() {
    if (++count > MAX_ENTRIES) {
      throw new CheckpointCorruptException(
          file, "header", "more than " + MAX_ENTRIES + " entries", "at most " + MAX_ENTRIES);
    }
  }

  private void requireFirst(@Nullable Object earlier, String name, String field) {
    if (earlier != null) {
      throw new CheckpointCorruptException(file, name + ": " + field, "given twice", "once");
    }
  }

  private void require(boolean condition, String where, String expected) throws IOException {
    if (!condition) {
      String found = parser.currentToken() == null ? "nothing" : parser.getText();
      throw new CheckpointCorruptException(file, where, found, expected);
    }
  }
}
