package dev.fluxgate.denoiser.testing;

import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.checkpoint.SafetensorsWriter;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.testing.GoldenCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Complete model folders of a few kilobytes, as they are and broken. */
public final class TinyModels {
  private TinyModels() {}

  /** One of the pipeline goldens' models. */
  public static ModelFolder of(ModelFamily family) throws IOException {
    Path goldens = GoldenCase.root().resolve("testdata").resolve("golden").resolve("pipelines");
    try (Stream<Path> folders = Files.list(goldens)) {
      return folders
          .filter(folder -> String.valueOf(folder.getFileName()).startsWith("model_flux"))
          .sorted()
          .map(ModelFolder::open)
          .filter(folder -> folder.family() == family)
          .findFirst()
          .orElseThrow();
    }
  }

  /** A copy in {@code target} with the weights of one component changed. */
  public static ModelFolder changed(
      ModelFolder model, Path target, String component, Consumer<Map<String, HostTensor>> change)
      throws IOException {
    try (Stream<Path> files = Files.walk(model.path())) {
      for (Path file : files.toList()) {
        Path copy = target.resolve(model.path().relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
    Path weights;
    try (Checkpoint checkpoint = Checkpoint.open(model.component(component))) {
      weights = checkpoint.files().getFirst();
    }
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      Map<String, HostTensor> tensors = new TreeMap<>(file.tensors());
      change.accept(tensors);
      Path copy = target.resolve(model.path().relativize(weights).toString());
      SafetensorsWriter.write(copy, tensors, file.metadata());
    }
    return ModelFolder.open(target);
  }
}
