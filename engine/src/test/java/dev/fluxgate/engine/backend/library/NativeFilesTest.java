package dev.fluxgate.engine.backend.library;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Any resource does: the class of this test stands for a library. */
final class NativeFilesTest {
  private static final String FOLDER = "dev/fluxgate/engine/backend/library";
  private static final String NAME = "NativeFilesTest.class";

  @Test
  void copiesAFileOnceAndFindsItLater(@TempDir Path cache) throws IOException {
    NativeFiles files = NativeFiles.of("oneDNN", FOLDER, cache);
    Path file = files.file(NAME);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000));
    assertThat(files.file(NAME)).isEqualTo(file);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(1000));
    try (Stream<Path> beside = Files.list(file.getParent())) {
      assertThat(beside).containsExactly(file);
    }
  }

  @Test
  void replacesAFileThatWasCutOff(@TempDir Path cache) throws IOException {
    NativeFiles files = NativeFiles.of("oneDNN", FOLDER, cache);
    Path file = files.file(NAME);
    long length = Files.size(file);
    Files.write(file, new byte[3]);
    assertThat(Files.size(files.file(NAME))).isEqualTo(length);
  }

  @Test
  void tellsWhichLibraryIsMissing(@TempDir Path cache) {
    NativeFiles files = NativeFiles.of("oneDNN", "org/nowhere", cache);
    assertThatThrownBy(() -> files.file("libnone.so"))
        .isInstanceOf(MissingLibraryException.class)
        .hasMessage(
            "oneDNN: no org/nowhere/libnone.so on the class path (expected: its native jar)");
  }

  @Test
  void tellsWhereItCouldNotUnpack(@TempDir Path folder) throws IOException {
    Path noFolder = Files.writeString(folder.resolve("file"), "no folder");
    NativeFiles files = NativeFiles.of("oneDNN", FOLDER, noFolder);
    assertThatThrownBy(() -> files.file(NAME))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(NAME)
        .hasMessageContaining(noFolder.toString());
  }

  @Test
  void namesThePlatformAsTheJarsDo() {
    assertThat(NativeFiles.platform()).matches("[a-z]+-[a-z0-9_]+");
  }
}
