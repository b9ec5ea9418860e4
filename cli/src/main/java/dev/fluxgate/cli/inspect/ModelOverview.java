package dev.fluxgate.cli.inspect;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.denoiser.pipeline.PipelineKind;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.CheckpointException;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A model folder: its family, defaults, components, memory, and what it lacks. */
public final class ModelOverview {
  private static final List<String> WITH_WEIGHTS = List.of("text_encoder", "transformer", "vae");
  private static final List<String> WITHOUT_WEIGHTS = List.of("tokenizer", "scheduler");

  private final ModelFolder folder;
  private final PrintWriter out;
  private final ModelHash hash = ModelHash.withUserCache();
  private final Set<String> missing = new LinkedHashSet<>();

  private ModelOverview(ModelFolder folder, PrintWriter out) {
    this.folder = folder;
    this.out = out;
  }

  /**
   * Where the memory is counted.
   *
   * @param width pixels; 0: the model's default
   * @param height pixels; 0: the model's default
   * @param dtype what is computed in
   */
  public record At(int width, int height, DType dtype) {}

  /**
   * Prints what the model folder {@code path} holds; whether it is complete.
   *
   * @throws CheckpointException if it is no model of ours
   * @throws IllegalArgumentException for a size that the model cannot make
   */
  public static boolean print(Path path, At at, PrintWriter out) {
    return new ModelOverview(ModelFolder.open(path), out).print(at);
  }

  private boolean print(At at) {
    ModelFamily.Defaults defaults = folder.defaults();
    line("folder", folder.path());
    line("pipeline", folder.pipelineClass());
    line(
        "family",
        folder.family().id() + (folder.isDemonstration() ? ", a toy for demonstration" : ""));
    line(
        "pipelines",
        PipelineKind.of(folder.family()).stream()
            .map(PipelineKind::className)
            .collect(Collectors.joining(", ")));
    line(
        "defaults",
        "%d x %d, %d steps, guidance %s"
            .formatted(
                defaults.width(),
                defaults.height(),
                defaults.numInferenceSteps(),
                defaults.guidanceScale()));
    components(WITH_WEIGHTS, "text_encoder_2").forEach(this::weights);
    components(WITHOUT_WEIGHTS, "tokenizer_2").forEach(this::component);
    memory(
        at.width() == 0 ? defaults.width() : at.width(),
        at.height() == 0 ? defaults.height() : at.height(),
        at.dtype());
    missing.forEach(each -> line("missing", each));
    return missing.isEmpty();
  }

  private List<String> components(List<String> ofAll, String second) {
    return switch (folder.family()) {
      case FLUX1_DEV, FLUX1_SCHNELL -> Stream.concat(ofAll.stream(), Stream.of(second)).toList();
      case FLUX2_DEV, FLUX2_KLEIN, FLUX2_KLEIN_BASE, FLUX2_KLEIN_KV -> ofAll;
    };
  }

  private void weights(String component) {
    component(component);
    try (Checkpoint checkpoint = Checkpoint.open(folder.component(component))) {
      line("", Totals.of(checkpoint).words());
      int files = checkpoint.files().size();
      line("", files == 1 ? "one file" : files + " shards");
    } catch (CheckpointException e) {
      boolean _ = missing.add(ErrorLine.of(e));
    }
  }

  private void component(String component) {
    try {
      line(component, folder.componentClass(component));
      line("", "sha256 " + hash.of(List.of(folder.component(component))));
    } catch (CheckpointException e) {
      boolean _ = missing.add(ErrorLine.of(e));
    }
  }

  private void memory(int width, int height, DType dtype) {
    try {
      long bytes = MemoryNeed.activationBytes(folder, dtype, width, height);
      line(
          "memory",
          "%s of activations for one picture of %d x %d in %s, beside the weights"
              .formatted(
                  Totals.size(bytes), width, height, dtype == DType.F32 ? "float32" : "bfloat16"));
    } catch (CheckpointException e) {
      boolean _ = missing.add(ErrorLine.of(e));
    }
  }

  private void line(String label, Object value) {
    out.printf("%-16s%s%n", label, value);
  }
}
