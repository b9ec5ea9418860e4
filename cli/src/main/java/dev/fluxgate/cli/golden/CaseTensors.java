package dev.fluxgate.cli.golden;

import dev.fluxgate.engine.checkpoint.SafetensorsFile;
import dev.fluxgate.engine.tensor.HostTensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tensors of a case, mapped while it runs; none where it has no io.safetensors. */
final class CaseTensors implements AutoCloseable {
  private final @Nullable SafetensorsFile file;

  private CaseTensors(@Nullable SafetensorsFile file) {
    this.file = file;
  }

  static CaseTensors open(GoldenCase golden) {
    Path path = golden.folder().resolve("io.safetensors");
    return new CaseTensors(Files.exists(path) ? SafetensorsFile.open(path) : null);
  }

  Map<String, HostTensor> tensors() {
    return file == null ? Map.of() : file.tensors();
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
