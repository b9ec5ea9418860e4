package dev.fluxgate.cli.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenCaseTest {
  private static final String DESCRIPTION =
      """
      {"family": "f", "case": "c", "operation": "op", "model": "../model",
       "parameters": {"compute_dtype": "bfloat16", "bound": NaN},
       "tensors": [{"name": "out.x", "dtype": "BF16", "shape": [2, 3],
                    "tolerance": {"max_abs": 0.5, "mean_abs": 0.25}}]}
      """;

  @TempDir private Path folder;

  @Test
  void readsWhatIsCompared() throws IOException {
    GoldenCase golden = read(DESCRIPTION);

    assertThat(golden.family()).isEqualTo("f");
    assertThat(golden.modelFolder()).isEqualTo(folder.resolve("model"));
    assertThat(golden.computeType()).isEqualTo(DType.BF16);
    assertThat(golden.declared("out.x"))
        .isEqualTo(new GoldenTensor("out.x", DType.BF16, Shape.of(2, 3), new Tolerance(0.5, 0.25)));
    assertThat(golden.parameters().path("bound").asDouble()).isNaN();
  }

  @Test
  void computesInFloat32WhereNothingElseIsSaid() throws IOException {
    assertThat(read(DESCRIPTION.replace("compute_dtype", "x")).computeType()).isEqualTo(DType.F32);
  }

  @Test
  void refusesADescriptionWithoutAMember() {
    assertRefused(DESCRIPTION.replace("\"operation\"", "\"x\""), "no member 'operation' (expected");
  }

  @Test
  void refusesAnUnknownType() {
    assertRefused(DESCRIPTION.replace("BF16", "BF17"), "dtype: BF17 (expected: one of [");
  }

  @Test
  void refusesWhatIsNoJson() {
    assertRefused("{", "case.json: Unexpected end-of-input");
  }

  @Test
  void namesTheTensorThatIsNotDeclared() throws IOException {
    GoldenCase golden = read(DESCRIPTION);

    assertThat(golden.tensor("out.y")).isNull();
    assertThatThrownBy(() -> golden.declared("out.y"))
        .isInstanceOf(GoldenCaseException.class)
        .hasMessageContaining("no tensor out.y is declared");
  }

  @Test
  void findsCasesInTheOrderOfTheirPathsAtTwoDepths() throws IOException {
    write("f/b", DESCRIPTION.replace("\"c\"", "\"b\""));
    write("f/a", DESCRIPTION.replace("\"c\"", "\"a\""));
    write("f/a/deeper", DESCRIPTION);
    Files.createDirectories(folder.resolve("f/model"));

    assertThat(GoldenFolder.cases(folder, Set.of()))
        .extracting(GoldenCase::name)
        .containsExactly("a", "b");
    assertThat(GoldenFolder.cases(folder.resolve("f"), Set.of("f"))).hasSize(2);
    assertThat(GoldenFolder.cases(folder.resolve("f/b"), Set.of())).hasSize(1);
  }

  private GoldenCase read(String description) throws IOException {
    return GoldenCase.read(write("c", description));
  }

  private Path write(String name, String description) throws IOException {
    Path place = Files.createDirectories(folder.resolve(name));
    Files.writeString(place.resolve("case.json"), description);
    return place;
  }

  private void assertRefused(String description, String message) {
    assertThatThrownBy(() -> read(description))
        .isInstanceOf(GoldenCaseException.class)
        .hasMessageContaining("case.json: ")
        .hasMessageContaining(message);
  }
}
