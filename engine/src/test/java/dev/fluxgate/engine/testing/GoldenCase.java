package dev.fluxgate.engine.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One case of the goldens: a folder with {@code case.json}, mostly {@code io.safetensors},
 * sometimes more. Tests enumerate the folders of a family and never name a case.
 */
public final class GoldenCase {
  private final Path folder;
  private final JsonNode description;
  private final Map<String, HostTensor> tensors;
  private final Map<String, JsonNode> entries = new LinkedHashMap<>();

  private GoldenCase(Path folder) {
    this.folder = folder;
    this.description = json("case.json");
    this.tensors = Files.exists(file("io.safetensors")) ? copyOf(file("io.safetensors")) : Map.of();
    description.path("tensors").forEach(e -> entries.put(e.path("name").asText(), e));
  }

  /** Every case of {@code family}, by name; at least one. */
  public static List<GoldenCase> all(String family) {
    return in(root().resolve("testdata").resolve("golden").resolve(family));
  }

  /** Every case in {@code familyFolder}, by name; at least one. */
  public static List<GoldenCase> in(Path familyFolder) {
    try (Stream<Path> folders = Files.list(familyFolder)) {
      List<GoldenCase> cases =
          folders
              .filter(folder -> Files.exists(folder.resolve("case.json")))
              .sorted()
              .map(GoldenCase::new)
              .toList();
      assertThat(cases).as("cases in %s", familyFolder).isNotEmpty();
      return cases;
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The root of the repository, from the system property {@code fluxgate.root}. */
  public static Path root() {
    return Path.of(System.getProperty("fluxgate.root", ".")).toAbsolutePath();
  }

  /** Name of the folder. */
  public String name() {
    return String.valueOf(folder.getFileName());
  }

  /** The folder itself. */
  public Path folder() {
    return folder;
  }

  /** What the case does. */
  public String operation() {
    return description.path("operation").asText();
  }

  /** Arguments of the operation. */
  public JsonNode parameters() {
    return description.path("parameters");
  }

  /** A further file of the case. */
  public Path file(String name) {
    return folder.resolve(name);
  }

  /** A further file of the case, read as JSON. */
  public JsonNode json(String name) {
    try {
      return new ObjectMapper().readTree(file(name).toFile());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The model folder the case uses. */
  public Path model() {
    String model = description.path("model").asText("");
    assertThat(model).as("%s: model", this).isNotEmpty();
    return folder.resolve(model).normalize();
  }

  /** Names of all tensors: {@code in.*}, {@code mid.*} and {@code out.*}. */
  public Set<String> names() {
    return tensors.keySet();
  }

  /** A tensor of the case, on the heap. */
  public HostTensor tensor(String name) {
    HostTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new AssertionError(
          this + ": no tensor " + name + " (expected: one of " + names() + ")");
    }
    return tensor;
  }

  /** How far a result may be from tensor {@code name}. */
  public Tolerance tolerance(String name) {
    JsonNode tolerance = entries.getOrDefault(name, description).path("tolerance");
    assertThat(tolerance.has("max_abs")).as("%s: %s: tolerance", this, name).isTrue();
    return new Tolerance(
        tolerance.path("max_abs").asDouble(), tolerance.path("mean_abs").asDouble());
  }

  /**
   * Fails unless {@code actual} has the shape of tensor {@code name} and lies within its tolerance,
   * both at its worst element and on average. Types may differ: values are compared.
   */
  public void assertMatches(String name, HostTensor actual) {
    HostTensor expected = tensor(name);
    assertThat(actual.shape()).as("%s: %s: shape", this, name).isEqualTo(expected.shape());
    Tolerance tolerance = tolerance(name);
    long count = expected.shape().count();
    double worst = 0;
    double sum = 0;
    long worstAt = 0;
    for (long i = 0; i < count; i++) {
      double error = distance(actual, expected, i);
      sum += error;
      if (error > worst) {
        worst = error;
        worstAt = i;
      }
    }
    double mean = count == 0 ? 0 : sum / count;
    if (worst > tolerance.maxAbs() || mean > tolerance.meanAbs()) {
      throw new AssertionError(
          "%s: %s: element %d: %s (expected: %s), worst error %.3g of %.3g, mean %.3g of %.3g"
              .formatted(
                  this,
                  name,
                  worstAt,
                  value(actual, worstAt),
                  value(expected, worstAt),
                  worst,
                  tolerance.maxAbs(),
                  mean,
                  tolerance.meanAbs()));
    }
  }

  @Override
  public String toString() {
    return folder.getParent() == null ? name() : folder.getParent().getFileName() + "/" + name();
  }

  private static double distance(HostTensor actual, HostTensor expected, long index) {
    if (isInteger(actual) && isInteger(expected)) {
      return Math.abs((double) (actual.getLong(index) - expected.getLong(index)));
    }
    double a = actual.getDouble(index);
    double e = expected.getDouble(index);
    if (Double.compare(a, e) == 0 || a == e) {
      return 0;
    }
    double error = Math.abs(a - e);
    return Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
  }

  private static Number value(HostTensor tensor, long index) {
    return isInteger(tensor) ? tensor.getLong(index) : tensor.getDouble(index);
  }

  private static boolean isInteger(HostTensor tensor) {
    return switch (tensor.dtype()) {
      case BOOL, U8, I8, I16, U16, I32, U32, I64 -> true;
      default -> false;
    };
  }

  private static Map<String, HostTensor> copyOf(Path file) {
    try (SafetensorsFile mapped = SafetensorsFile.open(file)) {
      Map<String, HostTensor> copy = new LinkedHashMap<>();
      mapped
          .tensors()
          .forEach((name, tensor) -> {
            byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
            MemorySegment data = MemorySegment.ofArray(bytes);
            copy.put(name, new HostTensor(tensor.dtype(), tensor.shape(), data));
          });
      return copy;
    }
  }

  /**
   * How far a result may be off.
   *
   * @param maxAbs at its worst element
   * @param meanAbs on average
   */
  public record Tolerance(double maxAbs, double meanAbs) {}
}
