package dev.fluxgate.engine.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every golden of the family {@code random}: the draws of torch's own generator. */
class RandomGoldenTest {

  @TestFactory
  Stream<DynamicTest> drawsWhatTorchDraws() {
    return GoldenCase.all("random").stream()
        .map(golden -> dynamicTest(golden.name(), () -> check(golden)));
  }

  private static void check(GoldenCase golden) {
    switch (golden.operation()) {
      case "draw_fresh", "draw_sequence" -> draws(golden);
      case "multinomial" -> multinomial(golden);
      case "randn_tensor" -> latents(golden);
      default -> throw new AssertionError(golden + ": operation " + golden.operation());
    }
  }

  private static void draws(GoldenCase golden) {
    long seed = golden.parameters().path("generator_seed").longValue();
    TorchGenerator generator = new TorchGenerator(seed);
    JsonNode draws = golden.parameters().path("draws");
    assertThat(draws).isNotEmpty();
    for (int i = 0; i < draws.size(); i++) {
      JsonNode draw = draws.get(i);
      boolean fresh = draw.path("fresh_generator").asBoolean(false);
      HostTensor actual = draw(draw, fresh ? new TorchGenerator(seed) : generator);
      String name = "out.%02d".formatted(i);
      assertThat(actual.dtype()).isEqualTo(golden.tensor(name).dtype());
      golden.assertMatches(name, actual);
    }
  }

  private static HostTensor draw(JsonNode draw, TorchGenerator generator) {
    Shape shape = shape(draw.path("shape"));
    DType dtype = dtype(draw.path("dtype").asText("float32"));
    String op = draw.path("op").asText();
    return switch (op) {
      case "randn" -> generator.randn(shape, dtype);
      case "rand" -> generator.rand(shape, dtype);
      case "randint" ->
          generator.randint(draw.path("low").longValue(), draw.path("high").longValue(), shape);
      case "randperm" -> generator.randperm(draw.path("n").intValue());
      case "exponential" -> generator.exponential(draw.path("rate").asDouble(1), shape, dtype);
      case "uniform" ->
          generator.uniform(
              draw.path("from").doubleValue(), draw.path("to").doubleValue(), shape, dtype);
      default -> throw new AssertionError("op: " + op);
    };
  }

  private static void multinomial(GoldenCase golden) {
    long seed = golden.parameters().path("generator_seed").longValue();
    HostTensor probabilities = golden.tensor("in.probabilities");
    for (int i = 0; i < golden.parameters().path("calls").intValue(); i++) {
      TorchGenerator one = new TorchGenerator(seed + i);
      golden.assertMatches("out.one." + i, one.multinomial(probabilities, 1, false));
      TorchGenerator without = new TorchGenerator(seed + i);
      golden.assertMatches(
          "out.three_without_replacement." + i, without.multinomial(probabilities, 3, false));
      TorchGenerator with = new TorchGenerator(seed + i);
      golden.assertMatches(
          "out.three_with_replacement." + i, with.multinomial(probabilities, 3, true));
    }
  }

  private static void latents(GoldenCase golden) {
    JsonNode parameters = golden.parameters();
    Shape shape = shape(parameters.path("shape"));
    DType dtype = dtype(parameters.path("dtype").asText());
    long single = parameters.path("single_seed").longValue();
    List<TorchGenerator> several = new ArrayList<>();
    parameters.path("list_seeds").forEach(s -> several.add(new TorchGenerator(s.longValue())));
    assertThat(golden.names())
        .isEqualTo(Set.of("out.single_generator", "out.list_of_one", "out.generator_list"));
    golden.assertMatches("out.single_generator", new TorchGenerator(single).randn(shape, dtype));
    golden.assertMatches(
        "out.list_of_one",
        TorchGenerator.randnTensor(List.of(new TorchGenerator(single)), shape, dtype));
    golden.assertMatches("out.generator_list", TorchGenerator.randnTensor(several, shape, dtype));
  }

  private static Shape shape(JsonNode dims) {
    long[] shape = new long[dims.size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = dims.get(i).longValue();
    }
    return Shape.of(shape);
  }

  private static DType dtype(String name) {
    return switch (name) {
      case "float32" -> DType.F32;
      case "bfloat16" -> DType.BF16;
      case "float16" -> DType.F16;
      case "float64" -> DType.F64;
      default -> throw new AssertionError("dtype: " + name);
    };
  }
}
