package dev.fluxgate.cli.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureFileTest {
  @TempDir private Path folder;

  @Test
  void replacesWhatWasThereAndLeavesNothingElse() throws IOException {
    Path file = Files.writeString(folder.resolve("a.png"), "before");

    PictureFile.check(file);
    PictureFile.write(file, new byte[] {1, 2});

    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    assertThat(folder).isDirectoryContaining(file::equals);
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void refusesAFolderThatIsNotThere() {
    assertThatThrownBy(() -> PictureFile.check(folder.resolve("no/a.png")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("a.png: cannot be written")
        .hasMessageContaining("(expected: a file in a folder that exists)");
  }

  @Test
  void refusesAFileForAFolder() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> PictureFile.check(file.resolve("a.png")))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void refusesAFolderThatTakesNoFiles() {
    Path proc = Path.of("/proc");
    assumeTrue(Files.isDirectory(proc));

    assertThatThrownBy(() -> PictureFile.check(proc.resolve("a.png")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("(expected: a file in a folder that can be written)");
  }
}
