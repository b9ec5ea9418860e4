package dev.fluxgate.cli.inspect;

import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** A model folder: its family, defaults and components. */
public final class ModelOverview {
  private static final List<String> WITH_WEIGHTS = List.of("text_encoder", "transformer", "vae");
  private static final List<String> WITHOUT_WEIGHTS = List.of("tokenizer", "scheduler");

  private ModelOverview() {}

  /**
   * Prints what the model folder {@code path} holds.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if it is no model of ours
   */
  public static void print(Path path, PrintWriter out) {
    ModelFolder folder = ModelFolder.open(path);
    ModelFamily.Defaults defaults = folder.defaults();
    line(out, "folder", path);
    line(out, "pipeline", folder.pipelineClass());
    line(
        out,
        "family",
        folder.family().id() + (folder.isDemonstration() ? ", a toy for demonstration" : ""));
    line(
        out,
        "defaults",
        "%d x %d, %d steps, guidance %s"
            .formatted(
                defaults.width(),
                defaults.height(),
                defaults.numInferenceSteps(),
                defaults.guidanceScale()));
    ModelHash hash = ModelHash.withUserCache();
    for (String component : WITH_WEIGHTS) {
      component(folder, component, hash, out);
      try (Checkpoint checkpoint = Checkpoint.open(folder.component(component))) {
        line(out, "", Totals.of(checkpoint).words());
        line(out, "", files(checkpoint.files().size()));
      }
    }
    WITHOUT_WEIGHTS.forEach(component -> component(folder, component, hash, out));
  }

  private static void component(
      ModelFolder folder, String component, ModelHash hash, PrintWriter out) {
    line(out, component, folder.componentClass(component));
    line(out, "", "sha256 " + hash.of(List.of(folder.component(component))));
  }

  private static String files(int count) {
    return count == 1 ? "one file" : count + " shards";
  }

  private static void line(PrintWriter out, String label, Object value) {
    out.printf("%-14s%s%n", label, value);
  }
}
