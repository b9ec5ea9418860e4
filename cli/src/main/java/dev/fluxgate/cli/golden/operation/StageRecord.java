package dev.fluxgate.cli.golden.operation;

import dev.fluxgate.cli.golden.CaseRun;
import dev.fluxgate.cli.golden.GoldenTensor;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Keeps what the code under test shows of its stages, as far as the case has a golden for it. */
final class StageRecord implements StageProbe {
  private static final String PREFIX = "mid.";

  private final CaseRun run;
  private final Map<String, String> names;
  private final Map<String, List<HostTensor>> seen = new LinkedHashMap<>();
  private final Map<String, List<float[]>> known = new LinkedHashMap<>();

  StageRecord(CaseRun run) {
    this(run, Map.of());
  }

  /**
   * With other names.
   *
   * @param names of stages that the case has under another, of which several may be one
   */
  StageRecord(CaseRun run, Map<String, String> names) {
    this.run = run;
    this.names = names;
  }

  @Override
  public void observe(String stage, Tensor tensor) {
    String name = names.getOrDefault(stage, stage);
    if (run.golden().tensor(PREFIX + name) != null) {
      seen.computeIfAbsent(name, _ -> new ArrayList<>()).add(run.backend().download(tensor));
    }
  }

  @Override
  public void observe(String stage, float[] values) {
    known.computeIfAbsent(stage, _ -> new ArrayList<>()).add(values.clone());
  }

  /** What was known of {@code stage} before any op, each time that it was shown. */
  List<float[]> known(String stage) {
    return known.getOrDefault(stage, List.of());
  }

  /** Compares all stages, whose rows and columns lie as the golden's. */
  void compare() {
    compare(UnaryOperator.identity(), UnaryOperator.identity());
  }

  /**
   * Compares all stages; a stage seen once a sequence is one array of all.
   *
   * @param layout from the golden's shape to that of our memory
   * @param arrange from our layout to the golden's
   */
  void compare(UnaryOperator<Shape> layout, UnaryOperator<HostTensor> arrange) {
    seen.forEach((stage, arrays) -> {
      GoldenTensor golden = run.golden().declared(PREFIX + stage);
      HostTensor ours = Numbers.stack(arrays, layout.apply(golden.shape()));
      run.putIntermediate(stage, arrange.apply(ours));
    });
  }

  /**
   * Compares stages of (N, S, C) whose golden may hold more rows a picture, behind ours: the
   * reference predicts for the tokens of references too, and throws that away.
   */
  void compareRows(Shape ours) {
    seen.forEach((stage, arrays) -> {
      Shape whole = run.golden().declared(PREFIX + stage).shape();
      long count = arrays.stream().mapToLong(array -> array.shape().count()).sum();
      run.putFirstRows(stage, Numbers.stack(arrays, count == whole.count() ? whole : ours));
    });
  }
}
