package dev.fluxgate.engine.backend.choice;

import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnUnavailableException;
import dev.fluxgate.engine.backend.cuda.CudaBackend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a user asks for. */
public sealed interface BackendChoice {
  /** The fastest back end that works on this machine. */
  BackendChoice AUTO = new Auto();

  /** oneDNN and vectors, or an error that tells why not. */
  BackendChoice CPU = new Cpu();

  /** Plain loops: the oracle, slow, works everywhere. */
  BackendChoice REFERENCE = new Reference();

  /** Names that a shell may offer; the number of a GPU may be another. */
  List<String> LABELS = List.of("auto", "cpu", "cuda:0", "reference");

  /** What is accepted, in words. */
  String EXPECTED = "auto, cpu, cuda:N or reference";

  /**
   * The choice of this name, in lower case.
   *
   * @throws IllegalArgumentException for any other name
   */
  static BackendChoice of(String name) {
    Matcher device = Cuda.LABEL.matcher(name);
    if (device.matches()) {
      return new Cuda(Integer.parseInt(device.group(1)));
    }
    return switch (name) {
      case "auto" -> AUTO;
      case "cpu" -> CPU;
      case "reference" -> REFERENCE;
      default ->
          throw new IllegalArgumentException("backend: " + name + " (expected: " + EXPECTED + ")");
    };
  }

  /** Name as on the command line: "auto", "cuda:0". */
  String label();

  /**
   * Opens a back end for models that compute in {@code computeType}.
   *
   * @throws RuntimeException naming the obstacle, if what was asked for cannot be had
   */
  OpenedBackend open(DType computeType);

  /** A GPU if there is one, else the processor, else plain loops. */
  record Auto() implements BackendChoice {
    @Override
    public String label() {
      return "auto";
    }

    @Override
    public OpenedBackend open(DType computeType) {
      if (CudaBackend.whyNotChosen().isEmpty()) {
        return new OpenedBackend(new CudaBackend(0), "cuda:0: the fastest on this machine");
      }
      return CpuBackend.whyUnavailable(computeType)
          .map(obstacle -> new OpenedBackend(new ReferenceBackend(), "reference: " + obstacle))
          .orElseGet(() ->
              new OpenedBackend(
                  new CpuBackend(CpuThreads.configured()),
                  "cpu: the fastest on this machine without a GPU"));
    }
  }

  /** See {@link #CPU}. */
  record Cpu() implements BackendChoice {
    @Override
    public String label() {
      return "cpu";
    }

    @Override
    public OpenedBackend open(DType computeType) {
      CpuBackend.whyUnavailable(computeType)
          .ifPresent(obstacle -> {
            throw new OneDnnUnavailableException(obstacle);
          });
      return new OpenedBackend(new CpuBackend(CpuThreads.configured()), "cpu: asked for");
    }
  }

  /** See {@link #REFERENCE}. */
  record Reference() implements BackendChoice {
    @Override
    public String label() {
      return "reference";
    }

    @Override
    public OpenedBackend open(DType computeType) {
      return new OpenedBackend(new ReferenceBackend(), "reference: asked for");
    }
  }

  /**
   * A GPU.
   *
   * @param device its number, as the driver counts
   */
  record Cuda(int device) implements BackendChoice {
    private static final Pattern LABEL = Pattern.compile("cuda:([0-9]{1,3})");

    @Override
    public String label() {
      return "cuda:" + device;
    }

    @Override
    public OpenedBackend open(DType computeType) {
      return new OpenedBackend(new CudaBackend(device), label() + ": asked for");
    }
  }
}
