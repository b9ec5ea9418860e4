package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;

/**
 * Distance of two tensors of one shape, in float64.
 *
 * @param maxAbs largest absolute difference; infinite where one is not a number and the other is
 * @param meanAbs mean absolute difference
 */
public record Deviation(double maxAbs, double meanAbs) {

  /** Distance of {@code ours} from {@code golden}. */
  public static Deviation of(HostTensor golden, HostTensor ours) {
    long count = golden.shape().count();
    if (ours.dtype() == golden.dtype() && ours.data().mismatch(golden.data()) < 0) {
      return new Deviation(0, 0);
    }
    boolean integers = isInteger(golden.dtype()) && isInteger(ours.dtype());
    double max = 0;
    double sum = 0;
    for (long i = 0; i < count; i++) {
      double difference =
          integers
              ? distance(golden.getLong(i), ours.getLong(i))
              : distance(golden.getDouble(i), ours.getDouble(i));
      max = Math.max(max, difference);
      sum += difference;
    }
    return new Deviation(max, count == 0 ? 0 : sum / count);
  }

  /** Whether both distances are within {@code tolerance}. */
  public boolean isWithin(Tolerance tolerance) {
    return maxAbs <= tolerance.maxAbs() && meanAbs <= tolerance.meanAbs();
  }

  /** How much of {@code tolerance} it takes, 1 for all; infinite where none was allowed. */
  public double share(Tolerance tolerance) {
    return Math.max(share(maxAbs, tolerance.maxAbs()), share(meanAbs, tolerance.meanAbs()));
  }

  private static double share(double distance, double allowed) {
    return distance == 0 ? 0 : distance / allowed;
  }

  private static boolean isInteger(DType dtype) {
    return switch (dtype) {
      case BOOL, U8, I8, I16, U16, I32, U32, I64, U64 -> true;
      default -> false;
    };
  }

  private static double distance(long a, long b) {
    return a == b ? 0 : Math.max(1, Math.abs((double) a - (double) b));
  }

  private static double distance(double a, double b) {
    if (a == b || (Double.isNaN(a) && Double.isNaN(b))) {
      return 0;
    }
    double difference = Math.abs(a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }
}
