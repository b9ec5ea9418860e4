package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One case while it runs: gives the inputs, takes the results and compares them at once. */
public final class CaseRun {
  private final GoldenCase golden;
  private final Map<String, HostTensor> stored;
  private final Backend backend;
  private final Map<String, HostTensor> made = new LinkedHashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * A fresh run.
   *
   * @param stored everything in io.safetensors
   * @param backend where models compute
   */
  public CaseRun(GoldenCase golden, Map<String, HostTensor> stored, Backend backend) {
    this.golden = golden;
    this.stored = Map.copyOf(stored);
    this.backend = backend;
  }

  /** The description of the case. */
  public GoldenCase golden() {
    return golden;
  }

  /** Where models compute. */
  public Backend backend() {
    return backend;
  }

  /**
   * The tensor "in.{@code name}".
   *
   * @throws GoldenCaseException if the case has none
   */
  public HostTensor input(String name) {
    HostTensor tensor = stored.get("in." + name);
    if (tensor == null) {
      throw new GoldenCaseException(golden.folder() + ": no tensor in." + name);
    }
    return tensor;
  }

  /** The tensor "in.{@code name}", or null if the case has none. */
  public @Nullable HostTensor optionalInput(String name) {
    return stored.get("in." + name);
  }

  /** Takes our "out.{@code name}". */
  public void put(String name, HostTensor ours) {
    compare("out." + name, ours);
  }

  /** Takes our intermediate {@code name}; one that the case does not know is left alone. */
  public void putIntermediate(String name, HostTensor ours) {
    if (golden.tensor("mid." + name) != null) {
      compare("mid." + name, ours);
    }
  }

  /** The same, (N, S, C), of which the case may have more rows in every element of the batch. */
  public void putFirstRows(String name, HostTensor ours) {
    HostTensor expected = stored.get("mid." + name);
    GoldenTensor declared = golden.tensor("mid." + name);
    if (expected != null && declared != null) {
      compare(declared, firstRows(expected, ours.shape()), ours);
    }
  }

  /** The same, (n), of which the case may have more in front. */
  public void putLast(String name, HostTensor ours) {
    HostTensor expected = stored.get("mid." + name);
    GoldenTensor declared = golden.tensor("mid." + name);
    if (expected != null && declared != null) {
      long count = ours.shape().count();
      long more = expected.shape().count() - count;
      compare(declared, more > 0 ? expected.slice(more, count) : expected, ours);
    }
  }

  private static HostTensor firstRows(HostTensor all, Shape shape) {
    long rows = all.shape().rank() == 3 ? all.shape().dim(1) : 0;
    if (rows <= shape.dim(1)) {
      return all;
    }
    HostTensor first = HostTensor.zeros(all.dtype(), shape);
    for (long n = 0; n < shape.dim(0); n++) {
      HostTensor element = all.slice(n, 1).reshape(rows, all.shape().dim(2));
      first.slice(n, 1).data().copyFrom(element.slice(0, shape.dim(1)).data());
    }
    return first;
  }

  /** A probe that takes every intermediate it sees, under the golden's shape. */
  public StageProbe probe() {
    return (stage, tensor) -> {
      GoldenTensor declared = golden.tensor("mid." + stage);
      if (declared != null && declared.shape().count() == tensor.shape().count()) {
        HostTensor ours = backend.download(tensor);
        compare(declared.name(), new HostTensor(ours.dtype(), declared.shape(), ours.data()));
      }
    };
  }

  /**
   * Takes the verdict on something that is no tensor.
   *
   * @param subject what
   * @param kind "json" or "file"
   * @param complaint what is wrong; empty if nothing is
   */
  public void judge(String subject, String kind, String complaint) {
    findings.add(new Finding(subject, kind, null, Tolerance.EXACT, complaint.isEmpty(), complaint));
  }

  /** All findings, with one for every declared output that was not made. */
  public List<Finding> findings() {
    List<Finding> all = new ArrayList<>(findings);
    for (GoldenTensor tensor : golden.tensors()) {
      if (tensor.isOutput() && !made.containsKey(tensor.name())) {
        all.add(failed(tensor, "not made"));
      }
    }
    return all;
  }

  /** Every "out." tensor made, in the golden's type and shape. */
  public Map<String, HostTensor> outputs() {
    Map<String, HostTensor> outputs = new LinkedHashMap<>(made);
    outputs.keySet().removeIf(name -> !name.startsWith("out."));
    return outputs;
  }

  private void compare(String name, HostTensor ours) {
    GoldenTensor declared = golden.tensor(name);
    HostTensor expected = stored.get(name);
    if (declared == null || expected == null) {
      throw new GoldenCaseException(golden.folder() + ": no tensor " + name + " to compare with");
    }
    compare(declared, expected, ours);
  }

  private void compare(GoldenTensor declared, HostTensor expected, HostTensor ours) {
    String name = declared.name();
    if (!ours.shape().equals(expected.shape())) {
      findings.add(
          failed(declared, "shape " + ours.shape() + " (expected: " + expected.shape() + ")"));
      made.put(name, copy(ours));
      return;
    }
    HostTensor converted = ours.to(expected.dtype());
    made.put(name, copy(converted));
    Deviation deviation = Deviation.of(expected, converted);
    findings.add(judged(declared, deviation));
  }

  /**
   * An output must be within its tolerance. That of an intermediate in bfloat16 was argued for
   * float32 between rounded weights and inputs; a back end that rounds what it stores is further
   * away from the reference, which rounds elsewhere, by up to √2.
   */
  private static Finding judged(GoldenTensor declared, Deviation deviation) {
    Tolerance tolerance = declared.tolerance();
    boolean rounds = !declared.isOutput() && declared.dtype() == DType.BF16;
    boolean within = deviation.isWithin(tolerance);
    boolean near = rounds && deviation.isWithin(tolerance.times(Math.sqrt(2)));
    String note = near && !within ? "within 1.41 times, by rounding what is stored" : "";
    return new Finding(
        declared.name(), declared.dtype().name(), deviation, tolerance, within || near, note);
  }

  /** The operation may close what lies behind its tensors. */
  private static HostTensor copy(HostTensor tensor) {
    byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
    return new HostTensor(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(bytes));
  }

  private static Finding failed(GoldenTensor tensor, String note) {
    return new Finding(tensor.name(), tensor.dtype().name(), null, tensor.tolerance(), false, note);
  }
}
