package dev.fluxgate.cli.option;

import dev.fluxgate.engine.tensor.DType;
import java.util.Iterator;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What type models compute in. */
public final class TypeOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  private DType dtype = DType.BF16;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "bfloat16",
      completionCandidates = Names.class,
      description = "Compute in bfloat16 or float32. Default: ${DEFAULT-VALUE}.")
  void choose(String name) {
    dtype =
        switch (name) {
          case "bfloat16" -> DType.BF16;
          case "float32" -> DType.F32;
          default ->
              throw new ParameterException(
                  spec.commandLine(), "--dtype: " + name + " (expected: bfloat16 or float32)");
        };
  }

  /** What a shell offers. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("bfloat16", "float32").iterator();
    }
  }

  /** What was asked for. */
  public DType dtype() {
    return dtype;
  }

  /** The word for it. */
  public String label() {
    return dtype == DType.F32 ? "float32" : "bfloat16";
  }
}
