package dev.fluxgate.cli.inspect;

import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Sums over the tensors of a checkpoint.
 *
 * @param tensors number
 * @param elements of all of them
 * @param bytes of all of them
 * @param byType elements of each type
 */
public record Totals(long tensors, long elements, long bytes, Map<DType, Long> byType) {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  /** Sums over {@code checkpoint}. */
  public static Totals of(Checkpoint checkpoint) {
    long elements = 0;
    long bytes = 0;
    Map<DType, Long> byType = new EnumMap<>(DType.class);
    for (String name : checkpoint.names()) {
      HostTensor tensor = Objects.requireNonNull(checkpoint.find(name));
      elements += tensor.shape().count();
      bytes += tensor.data().byteSize();
      byType.merge(tensor.dtype(), tensor.shape().count(), Long::sum);
    }
    return new Totals(checkpoint.names().size(), elements, bytes, byType);
  }

  /** On one line. */
  public String words() {
    String types =
        byType.entrySet().stream()
            .map(each -> each.getKey() + " " + count(each.getValue()))
            .collect(Collectors.joining(", "));
    return tensors
        + " tensors, "
        + count(elements)
        + " elements, "
        + size(bytes)
        + " ("
        + types
        + ")";
  }

  /** A number with its thousands apart. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A size in the unit that fits. */
  public static String size(long bytes) {
    int unit = 0;
    double value = bytes;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit++;
    }
    return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }
}
