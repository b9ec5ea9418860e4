package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.backend.choice.OpenedBackend;
import dev.fluxgate.engine.tensor.DType;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The back end for each compute type, opened when first needed: they may differ. */
public final class OpenBackends implements AutoCloseable {
  private final BackendChoice choice;
  private final Map<DType, OpenedBackend> opened = new EnumMap<>(DType.class);

  /** Opens back ends as {@code choice} says. */
  public OpenBackends(BackendChoice choice) {
    this.choice = choice;
  }

  /** The back end of {@code computeType}. */
  public Backend of(DType computeType) {
    return opened.computeIfAbsent(computeType, choice::open).backend();
  }

  /** What was opened, in words. */
  public String description() {
    return opened.values().stream()
        .map(each -> each.backend().description())
        .distinct()
        .collect(Collectors.joining("; "));
  }

  @Override
  public void close() {
    opened.values().forEach(each -> each.backend().close());
  }
}
