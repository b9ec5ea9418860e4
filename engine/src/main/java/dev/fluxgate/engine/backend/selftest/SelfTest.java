package dev.fluxgate.engine.backend.selftest;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Plays every op on the back end under test and on an oracle, and compares: a GPU's kernels with
 * their naive twins on the same device, one thread a result; any other with the reference.
 *
 * <p>What may differ: sums in another order, and in bfloat16 what that makes of a rounding. Spread
 * over a tensor that is far less than one rounding of every element, 2⁻⁹ of its root mean square in
 * bfloat16, and as much again where attention has rounded its exponentials relative to another
 * largest logit; sums of a thousand float32 terms differ by some 2⁻²⁰. One wrong element is orders
 * above both.
 */
public final class SelfTest {
  private static final long SEED = 20261121;

  private SelfTest() {}

  /**
   * How one call came out.
   *
   * @param op what was called
   * @param sizes extents
   * @param type of weights and activations
   * @param error root mean square of the difference, as a share of that of the oracle's result
   * @param worst largest difference of one element, as a share of the same
   * @param passed whether both are small enough and every value is a number
   */
  public record Outcome(
      String op, String sizes, DType type, double error, double worst, boolean passed) {}

  /** Runs all checks; {@code listener} hears of each as it is done. */
  public static List<Outcome> run(Backend subject, Backend oracle, Consumer<Outcome> listener) {
    return Stream.of(DType.BF16, DType.F32)
        .flatMap(type -> Checks.of(type).stream())
        .map(check -> compare(check, subject, oracle))
        .peek(listener)
        .toList();
  }

  private static Outcome compare(Check check, Backend subject, Backend oracle) {
    HostTensor actual = play(check, subject);
    HostTensor expected = play(check, oracle);
    double squares = 0;
    double differences = 0;
    double largest = 0;
    long count = expected.shape().count();
    for (long i = 0; i < count; i++) {
      double difference = Math.abs(actual.getDouble(i) - expected.getDouble(i));
      squares += expected.getDouble(i) * expected.getDouble(i);
      differences += difference * difference;
      largest = Math.max(largest, difference);
    }
    double scale = Math.sqrt(squares / count);
    double error = Math.sqrt(differences / count) / scale;
    double worst = largest / scale;
    boolean half = check.type() == DType.BF16;
    // Written so that not-a-number fails.
    boolean passed = error <= (half ? 0x1p-8 : 0x1p-18) && worst <= (half ? 0x1p-4 : 0x1p-14);
    return new Outcome(check.op(), check.sizes(), check.type(), error, worst, passed);
  }

  private static HostTensor play(Check check, Backend backend) {
    try (CheckStage stage = new CheckStage(backend, check.type(), SEED)) {
      return backend.download(check.scene().play(stage));
    }
  }
}
