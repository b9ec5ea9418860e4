package dev.fluxgate.cli.golden;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One case folder, as its case.json describes it.
 *
 * @param folder where it lies
 * @param family name of the family, from the file
 * @param name name of the case, from the file
 * @param operation what is done
 * @param parameters arguments of the operation
 * @param model its model folder, relative to the case; empty for none
 * @param tensors what io.safetensors holds
 */
public record GoldenCase(
    Path folder,
    String family,
    String name,
    String operation,
    JsonNode parameters,
    String model,
    List<GoldenTensor> tensors) {
  /** Python, which writes the cases, also writes NaN and Infinity. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  /** Copies the list. */
  public GoldenCase {
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads {@code folder}/case.json.
   *
   * @throws GoldenCaseException if it is no such description
   */
  public static GoldenCase read(Path folder) throws IOException {
    Path file = folder.resolve("case.json");
    JsonNode root = json(file);
    List<GoldenTensor> tensors = new ArrayList<>();
    for (JsonNode entry : root.path("tensors")) {
      tensors.add(tensor(entry, file));
    }
    return new GoldenCase(
        folder,
        text(root, "family", file),
        text(root, "case", file),
        text(root, "operation", file),
        root.path("parameters"),
        root.path("model").asText(),
        tensors);
  }

  /** The model folder. */
  public Path modelFolder() {
    return folder.resolve(model).normalize();
  }

  /** The JSON document {@code name} of the case. */
  public JsonNode document(String name) throws IOException {
    return json(folder.resolve(name));
  }

  /** The declared tensor {@code name}, or null. */
  public @Nullable GoldenTensor tensor(String name) {
    for (GoldenTensor tensor : tensors) {
      if (tensor.name().equals(name)) {
        return tensor;
      }
    }
    return null;
  }

  /**
   * The declared tensor {@code name}.
   *
   * @throws GoldenCaseException if there is none
   */
  public GoldenTensor declared(String name) {
    GoldenTensor tensor = tensor(name);
    if (tensor == null) {
      throw new GoldenCaseException(folder + ": no tensor " + name + " is declared");
    }
    return tensor;
  }

  /** The type that the case computes in: float32 unless it says bfloat16. */
  public DType computeType() {
    return parameters.path("compute_dtype").asText().equals("bfloat16") ? DType.BF16 : DType.F32;
  }

  private static GoldenTensor tensor(JsonNode entry, Path file) {
    List<Long> shape = new ArrayList<>();
    entry.path("shape").forEach(extent -> shape.add(extent.asLong()));
    JsonNode bound = entry.path("tolerance");
    return new GoldenTensor(
        text(entry, "name", file),
        dtype(text(entry, "dtype", file), file),
        new Shape(shape),
        new Tolerance(bound.path("max_abs").asDouble(), bound.path("mean_abs").asDouble()));
  }

  private static DType dtype(String name, Path file) {
    try {
      return DType.valueOf(name);
    } catch (IllegalArgumentException _) {
      throw new GoldenCaseException(
          "%s: dtype: %s (expected: one of %s)"
              .formatted(file, name, Arrays.toString(DType.values())));
    }
  }

  private static JsonNode json(Path file) throws IOException {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new GoldenCaseException(file + ": " + e.getOriginalMessage());
    }
  }

  private static String text(JsonNode node, String member, Path file) {
    JsonNode value = node.path(member);
    if (!value.isTextual()) {
      throw new GoldenCaseException(file + ": no member '" + member + "' (expected: a string)");
    }
    return value.asText();
  }
}
