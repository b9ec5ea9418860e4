package dev.fluxgate.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A model's folder of which parts can be changed. */
final class ModelCopy {
  private ModelCopy() {}

  /** All files of {@code model}, below {@code copy}, over those that are there. */
  static Path of(Path model, Path copy) throws IOException {
    try (var files = Files.walk(model)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path target = copy.resolve(model.relativize(file).toString());
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return copy;
  }

  /** Puts {@code after} in place of {@code before} in a text file. */
  static void replace(Path file, String before, String after) throws IOException {
    Files.writeString(file, Files.readString(file).replace(before, after));
  }
}
