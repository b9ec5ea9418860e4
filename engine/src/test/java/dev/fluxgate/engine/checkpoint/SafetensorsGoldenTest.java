package dev.fluxgate.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** What the reference accepts is read byte for byte; what it refuses is refused in one line. */
class SafetensorsGoldenTest {
  @TempDir private Path folder;

  @TestFactory
  List<DynamicTest> readsTheContentsOfEveryDescribedFile() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : described()) {
      JsonNode expected = golden.json("expected.json");
      if (expected.isObject()) {
        for (Map.Entry<String, JsonNode> file : expected.properties()) {
          Path path = golden.file(file.getKey());
          tests.add(dynamicTest(path.toString(), () -> readsExactly(path, file.getValue())));
        }
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  @TestFactory
  List<DynamicTest> agreesWithTheReferenceOnEveryOddFile() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : described()) {
      for (JsonNode row : golden.json("expected.json")) {
        Path path = golden.file(row.path("file").asText("."));
        if (row.path("reference_accepts").asBoolean(false)) {
          tests.add(dynamicTest(path.toString(), () -> reads(path, row.path("names"))));
        } else if (row.has("file")) {
          tests.add(dynamicTest(path.toString(), () -> refuses(path)));
        }
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  @TestFactory
  List<DynamicTest> refusesEveryMalformedIndex() {
    List<DynamicTest> tests = new ArrayList<>();
    for (GoldenCase golden : described()) {
      for (JsonNode row : golden.json("expected.json")) {
        if (row.has("folder")) {
          Path folder = golden.file(row.path("folder").asText());
          tests.add(dynamicTest(folder.toString(), () -> refuses(folder)));
        }
      }
    }
    assertThat(tests).isNotEmpty();
    return tests;
  }

  @TestFactory
  Stream<DynamicTest> readsEveryCheckpointWhoseTensorsAreGiven() {
    List<GoldenCase> sharded =
        GoldenCase.all("formats-safetensors").stream()
            .filter(golden -> Files.isDirectory(golden.file("checkpoint")))
            .toList();
    assertThat(sharded).isNotEmpty();
    return sharded.stream().map(golden -> dynamicTest(golden.name(), () -> readsAll(golden)));
  }

  @TestFactory
  Stream<DynamicTest> writesTheBytesOfTheReferenceWriter() {
    return GoldenCase.all("formats-safetensors").stream()
        .map(golden -> golden.file("io.safetensors"))
        .filter(Files::exists)
        .map(file -> dynamicTest(file.toString(), () -> writesBack(file)));
  }

  private static List<GoldenCase> described() {
    return GoldenCase.all("formats-safetensors").stream()
        .filter(golden -> Files.exists(golden.file("expected.json")))
        .toList();
  }

  private static void readsExactly(Path path, JsonNode expected) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      JsonNode tensors = expected.path("tensors");
      assertThat(file.tensors()).hasSize(tensors.size());
      for (Map.Entry<String, JsonNode> entry : tensors.properties()) {
        HostTensor tensor = file.tensors().get(entry.getKey());
        assertThat(tensor).as(entry.getKey()).isNotNull();
        if (tensor != null) {
          matches(tensor, entry.getValue());
        }
      }
      for (Map.Entry<String, JsonNode> pair : expected.path("metadata").properties()) {
        assertThat(file.metadata()).containsEntry(pair.getKey(), pair.getValue().asText());
      }
      assertThat(file.metadata()).hasSize(expected.path("metadata").size());
    }
  }

  private static void matches(HostTensor tensor, JsonNode expected) {
    assertThat(tensor.dtype().name()).isEqualTo(expected.path("dtype").asText());
    List<Long> shape = new ArrayList<>();
    expected.path("shape").forEach(dim -> shape.add(dim.asLong()));
    assertThat(tensor.shape().dims()).isEqualTo(shape);
    byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(expected.path("hex").asText());
  }

  private static void reads(Path path, JsonNode names) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      List<String> expected = new ArrayList<>();
      names.forEach(name -> expected.add(name.asText()));
      assertThat(file.tensors().keySet()).containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static void refuses(Path path) {
    assertThatThrownBy(() -> Checkpoint.open(path).close())
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(path.toString())
        .hasMessageContaining("(expected: ")
        .message()
        .doesNotContainPattern("\\p{Cntrl}");
  }

  private void writesBack(Path original) throws IOException {
    Path copy = folder.resolve("copy.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(original)) {
      SafetensorsWriter.write(copy, file.tensors(), file.metadata());
    }
    assertThat(copy).hasSameBinaryContentAs(original);
  }

  private static void readsAll(GoldenCase golden) {
    try (Checkpoint checkpoint = Checkpoint.open(golden.file("checkpoint"))) {
      assertThat(checkpoint.names()).hasSameSizeAs(golden.names());
      for (String name : golden.names()) {
        HostTensor expected = golden.tensor(name);
        long[] shape = expected.shape().dims().stream().mapToLong(Long::longValue).toArray();
        HostTensor tensor = checkpoint.tensor(name.replaceFirst("^out\\.", ""), shape);
        assertThat(tensor.dtype()).isEqualTo(expected.dtype());
        golden.assertMatches(name, tensor);
      }
    }
  }
}
