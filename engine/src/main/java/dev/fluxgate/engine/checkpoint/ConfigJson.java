package dev.fluxgate.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object from a configuration file, read by type. An absent key and an explicit null both
 * mean the default; a value of another type raises {@link InvalidModelException} naming file, key,
 * value and expectation.
 */
public final class ConfigJson {
  private static final long MAX_BYTES = 64L << 20;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path file;
  private final String prefix;
  private final JsonNode node;

  private ConfigJson(Path file, String prefix, JsonNode node) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
  }

  /**
   * Reads the object in {@code file}, at most 64 MiB.
   *
   * @throws InvalidModelException if there is no such file or it holds no JSON object
   */
  public static ConfigJson read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new InvalidModelException(
          file, Files.exists(file) ? "not a file" : "no such file", "a JSON file");
    }
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new InvalidModelException(file, size + " bytes", "at most " + MAX_BYTES);
      }
      JsonNode node = JSON.readTree(Files.readAllBytes(file));
      if (!node.isObject()) {
        throw new InvalidModelException(file, node.toString(), "a JSON object");
      }
      return new ConfigJson(file, "", node);
    } catch (JsonProcessingException malformed) {
      String problem = malformed.getOriginalMessage().lines().findFirst().orElse("");
      throw new InvalidModelException(file, problem, "a JSON object");
    } catch (IOException unreadable) {
      throw new UncheckedIOException(file + ": " + unreadable.getMessage(), unreadable);
    }
  }

  /** The file this was read from. */
  public Path file() {
    return file;
  }

  /** All keys, in the order of the file. */
  public Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    node.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** Whether the key is there and not null. */
  public boolean has(String key) {
    return node.hasNonNull(key);
  }

  /** An integer of 32 bits. */
  public int integer(String key, int fallback) {
    return has(key) ? integer(key) : fallback;
  }

  /** An integer of 32 bits that must be there. */
  public int integer(String key) {
    return value(key, ConfigJson::isInt, "an integer of 32 bits").intValue();
  }

  /** A finite number; also for integers that may be huge, as {@code model_max_length} is. */
  public double number(String key, double fallback) {
    return has(key) ? number(key) : fallback;
  }

  /** A finite number that must be there. */
  public double number(String key) {
    return value(key, ConfigJson::isFinite, "a finite number").doubleValue();
  }

  /** A truth value. */
  public boolean bool(String key, boolean fallback) {
    return has(key) ? value(key, JsonNode::isBoolean, "true or false").booleanValue() : fallback;
  }

  /** A string. */
  public String string(String key, String fallback) {
    return has(key) ? string(key) : fallback;
  }

  /** A string that must be there. */
  public String string(String key) {
    return value(key, JsonNode::isTextual, "a string").textValue();
  }

  /** Integers of 32 bits; a single one counts as a list of one. */
  public List<Integer> integers(String key, List<Integer> fallback) {
    if (!has(key)) {
      return fallback;
    }
    List<Integer> values = new ArrayList<>();
    elements(key, ConfigJson::isInt, "integers of 32 bits")
        .forEach(element -> values.add(element.intValue()));
    return List.copyOf(values);
  }

  /** Finite numbers; a single one counts as a list of one. */
  public List<Double> numbers(String key, List<Double> fallback) {
    if (!has(key)) {
      return fallback;
    }
    List<Double> values = new ArrayList<>();
    elements(key, ConfigJson::isFinite, "finite numbers")
        .forEach(element -> values.add(element.doubleValue()));
    return List.copyOf(values);
  }

  /** Strings; a single one counts as a list of one. */
  public List<String> strings(String key, List<String> fallback) {
    if (!has(key)) {
      return fallback;
    }
    List<String> values = new ArrayList<>();
    elements(key, JsonNode::isTextual, "strings")
        .forEach(element -> values.add(element.textValue()));
    return List.copyOf(values);
  }

  /** An inner object; an empty one if the key is absent. */
  public ConfigJson object(String key) {
    JsonNode inner =
        has(key)
            ? value(key, JsonNode::isObject, "an object")
            : JsonNodeFactory.instance.objectNode();
    return new ConfigJson(file, prefix + key + ".", inner);
  }

  /** The exception that tells what is wrong with the value of {@code key}. */
  public InvalidModelException invalid(String key, String expected) {
    JsonNode value = node.get(key);
    String found = value == null ? "missing" : value.toString();
    return new InvalidModelException(file, prefix + key + ": " + found, expected);
  }

  private JsonNode value(String key, Predicate<JsonNode> accepts, String expected) {
    @Nullable JsonNode value = node.get(key);
    if (value == null || !accepts.test(value)) {
      throw invalid(key, expected);
    }
    return value;
  }

  private List<JsonNode> elements(String key, Predicate<JsonNode> accepts, String expected) {
    JsonNode value = value(key, any -> any.isArray() || accepts.test(any), "a list of " + expected);
    List<JsonNode> elements = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(elements::add);
    } else {
      elements.add(value);
    }
    if (!elements.stream().allMatch(accepts)) {
      throw invalid(key, "a list of " + expected);
    }
    return elements;
  }

  private static boolean isInt(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt();
  }

  private static boolean isFinite(JsonNode value) {
    return value.isNumber() && Double.isFinite(value.doubleValue());
  }
}
