package dev.fluxgate.denoiser.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps every value of every stage; a stage seen once a sequence becomes one array of all. */
public final class RecordedStages implements StageProbe {
  private final Backend backend;
  private final Map<String, List<HostTensor>> values = new LinkedHashMap<>();

  /** Downloads from {@code backend}. */
  public RecordedStages(Backend backend) {
    this.backend = backend;
  }

  @Override
  public void observe(String stage, Tensor tensor) {
    values.computeIfAbsent(stage, _ -> new ArrayList<>()).add(backend.download(tensor));
  }

  /**
   * Fails unless a stage lies within the tolerance of a golden tensor. In bfloat16 that tolerance
   * was argued for float32 between rounded weights and inputs; a back end that also rounds what it
   * stores is further away from the reference, which rounds elsewhere, by up to the factor √2.
   */
  public static void assertStage(GoldenCase golden, String name, HostTensor actual) {
    GoldenCase.Tolerance tolerance = golden.tolerance(name);
    HostTensor expected = firstRows(golden.tensor(name), actual.shape());
    double slack = expected.dtype() == DType.BF16 ? Math.sqrt(2) : 1;
    double worst = 0;
    double sum = 0;
    for (long i = 0; i < expected.shape().count(); i++) {
      double error = Math.abs((double) actual.get(i) - expected.get(i));
      worst = Math.max(worst, error);
      sum += error;
    }
    assertThat(actual.shape()).as("%s: %s", golden, name).isEqualTo(expected.shape());
    assertThat(worst).as("%s: %s", golden, name).isLessThanOrEqualTo(slack * tolerance.maxAbs());
    assertThat(sum / expected.shape().count())
        .as("%s: %s: mean", golden, name)
        .isLessThanOrEqualTo(slack * tolerance.meanAbs());
  }

  /** (N, S, C) of what may be (N, S + R, C): the reference predicts R rows that nobody reads. */
  private static HostTensor firstRows(HostTensor all, Shape shape) {
    if (all.shape().rank() != 3 || all.shape().dim(1) <= shape.dim(1)) {
      return all;
    }
    List<HostTensor> pictures = new ArrayList<>();
    for (long n = 0; n < shape.dim(0); n++) {
      HostTensor rows = all.slice(n, 1).reshape(all.shape().dim(1), all.shape().dim(2));
      pictures.add(rows.slice(0, shape.dim(1)));
    }
    return stack(pictures, shape);
  }

  /** All values of a stage, one behind the other, in a given shape. */
  public HostTensor all(String stage, Shape shape) {
    return stack(values.getOrDefault(stage, List.of()), shape);
  }

  /** Arrays of one type, one behind the other, in a given shape. */
  public static HostTensor stack(List<HostTensor> arrays, Shape shape) {
    HostTensor all = HostTensor.zeros(arrays.getFirst().dtype(), shape);
    long at = 0;
    for (HostTensor array : arrays) {
      long bytes = array.data().byteSize();
      all.data().asSlice(at, bytes).copyFrom(array.data());
      at += bytes;
    }
    return all;
  }
}
