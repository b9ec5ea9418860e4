package dev.fluxgate.encoder.testing;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.cuda.testing.FakeCuda;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The back ends that every golden runs on. */
public final class EveryBackend {
  private static final BackendChoice CUDA = new BackendChoice.Cuda(0);

  private EveryBackend() {}

  /** What is asked of a case. */
  @FunctionalInterface
  public interface Check {
    /** Fails unless {@code golden} is met by {@code backend}, which stores {@code type}. */
    void run(GoldenCase golden, Backend backend, DType type);
  }

  /** A test for each case and back end, in the type that the case was computed in. */
  public static Stream<DynamicTest> meets(Stream<GoldenCase> cases, Check check) {
    return cases.flatMap(golden ->
        Stream.of(BackendChoice.REFERENCE, BackendChoice.AUTO, CUDA)
            .map(choice ->
                DynamicTest.dynamicTest(
                    golden + " (" + choice.label() + ")", () -> run(golden, choice, check))));
  }

  private static void run(GoldenCase golden, BackendChoice choice, Check check) {
    if (choice.equals(CUDA)) {
      FakeCuda.require();
    }
    boolean low = golden.parameters().path("compute_dtype").asText().equals("bfloat16");
    DType type = low ? DType.BF16 : DType.F32;
    try (Backend backend = choice.open(type).backend()) {
      check.run(golden, backend, type);
    }
  }
}
