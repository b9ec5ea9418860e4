package dev.fluxgate.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelHashTest {
  @TempDir private Path folder;
  private Path vae = Path.of("");
  private Path cache = Path.of("");

  @BeforeEach
  void writesAComponent() throws IOException {
    vae = Files.createDirectories(folder.resolve("vae"));
    cache = folder.resolve("cache");
    Files.writeString(vae.resolve("config.json"), "{}");
    Files.writeString(vae.resolve("model.safetensors"), "weights");
  }

  @Test
  void dependsOnNamesAndContentsOnly() throws IOException {
    String hash = fresh(vae);
    Path copy = Files.createDirectories(folder.resolve("elsewhere").resolve("vae"));
    Files.writeString(copy.resolve("config.json"), "{}");
    Files.writeString(copy.resolve("model.safetensors"), "weights");
    Files.writeString(copy.resolve(".DS_Store"), "noise");
    assertThat(hash).matches("[0-9a-f]{64}").isEqualTo(fresh(copy));

    Files.writeString(copy.resolve("model.safetensors"), "Weights");
    assertThat(fresh(copy)).isNotEqualTo(hash);
    Files.writeString(copy.resolve("model.safetensors"), "weights");
    Files.move(copy.resolve("config.json"), copy.resolve("other.json"));
    assertThat(fresh(copy)).isNotEqualTo(hash);
  }

  @Test
  void readsAFileAgainOnlyWhenItChanged() throws IOException {
    ModelHash hash = new ModelHash(cache);
    Path weights = vae.resolve("model.safetensors");
    FileTime time = Files.getLastModifiedTime(weights);
    String first = hash.of(List.of(vae));

    Files.writeString(weights, "WEIGHTS");
    Files.setLastModifiedTime(weights, time);
    assertThat(hash.of(List.of(vae))).as("remembered by size and time").isEqualTo(first);

    Files.setLastModifiedTime(weights, FileTime.fromMillis(time.toMillis() + 1000));
    assertThat(hash.of(List.of(vae))).isNotEqualTo(first);
  }

  @Test
  void survivesABrokenCache() throws IOException {
    String expected = fresh(vae);
    ModelHash hash = new ModelHash(cache);
    hash.of(List.of(vae));
    try (Stream<Path> entries = Files.list(cache)) {
      for (Path entry : entries.toList()) {
        Files.write(entry, new byte[] {(byte) 0xFF, 0, 7});
      }
    }
    assertThat(hash.of(List.of(vae))).isEqualTo(expected);

    Path file = Files.writeString(folder.resolve("file"), "not a folder");
    assertThat(new ModelHash(file).of(List.of(vae))).isEqualTo(expected);
  }

  @Test
  void refusesAMissingComponent() {
    assertThatThrownBy(() -> fresh(folder.resolve("none")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("none: cannot be read");
  }

  private static String fresh(Path path) {
    return new ModelHash(null).of(List.of(path));
  }
}
