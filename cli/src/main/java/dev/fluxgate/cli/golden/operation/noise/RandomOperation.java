package dev.fluxgate.cli.golden.operation.noise;

import com.fasterxml.jackson.databind.JsonNode;
import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenCaseException;
import dev.fluxgate.cli.golden.operation.Numbers;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/** Draws of torch's CPU generator. */
public final class RandomOperation {
  private static final String SEED = "generator_seed";

  private RandomOperation() {}

  /** Draws one after the other, from one generator or each from a fresh one. */
  public static void draws(CaseRun run) {
    long seed = run.golden().parameters().path(SEED).longValue();
    TorchGenerator generator = new TorchGenerator(seed);
    int index = 0;
    for (JsonNode draw : run.golden().parameters().path("draws")) {
      boolean fresh = draw.path("fresh_generator").asBoolean();
      HostTensor drawn = draw(draw, fresh ? new TorchGenerator(seed) : generator);
      run.put(Numbers.padded(index), drawn);
      index++;
    }
  }

  /** Indices by weight; call i begins with the seed raised by i. */
  public static void multinomial(CaseRun run) {
    long seed = run.golden().parameters().path(SEED).longValue();
    HostTensor weights = run.input("probabilities");
    int calls = run.golden().parameters().path("calls").intValue();
    for (int i = 0; i < calls; i++) {
      run.put("one." + i, new TorchGenerator(seed + i).multinomial(weights, 1, false));
      run.put(
          "three_without_replacement." + i,
          new TorchGenerator(seed + i).multinomial(weights, 3, false));
      run.put(
          "three_with_replacement." + i,
          new TorchGenerator(seed + i).multinomial(weights, 3, true));
    }
  }

  /** Initial latents from one generator, a list of them, a list of one. */
  public static void latents(CaseRun run) {
    JsonNode parameters = run.golden().parameters();
    Shape shape = shape(parameters.path("shape"));
    DType dtype = dtype(parameters.path("dtype").asText());
    long seed = parameters.path("single_seed").longValue();
    List<TorchGenerator> several = new ArrayList<>();
    parameters.path("list_seeds").forEach(s -> several.add(new TorchGenerator(s.longValue())));
    run.put("single_generator", new TorchGenerator(seed).randn(shape, dtype));
    run.put("generator_list", TorchGenerator.randnTensor(several, shape, dtype));
    run.put(
        "list_of_one", TorchGenerator.randnTensor(List.of(new TorchGenerator(seed)), shape, dtype));
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
      default -> throw new GoldenCaseException("op: " + op + " (expected: a draw of the README)");
    };
  }

  private static Shape shape(JsonNode extents) {
    List<Long> shape = new ArrayList<>();
    extents.forEach(extent -> shape.add(extent.longValue()));
    return new Shape(shape);
  }

  private static DType dtype(String name) {
    return switch (name) {
      case "float32" -> DType.F32;
      case "bfloat16" -> DType.BF16;
      case "float16" -> DType.F16;
      case "float64" -> DType.F64;
      default -> throw new GoldenCaseException("dtype: " + name + " (expected: a float type)");
    };
  }
}
