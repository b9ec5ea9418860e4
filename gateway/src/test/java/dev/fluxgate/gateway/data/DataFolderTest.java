package dev.fluxgate.gateway.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
  @TempDir private Path folder;

  @Test
  void letsOneGatewayIn() {
    Path data = folder.resolve("a/b");
    try (DataFolder _ = DataFolder.open(data)) {
      assertThatExceptionOfType(UncheckedIOException.class)
          .isThrownBy(() -> DataFolder.open(data))
          .withMessage(
              "data: "
                  + data
                  + ": another gateway uses it (expected: a folder that this gateway alone can"
                  + " write to)");
    }
    try (DataFolder again = DataFolder.open(data)) {
      assertThat(again.images()).isEqualTo(data.resolve("images"));
    }
  }

  @Test
  void refusesWhatIsNoFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> DataFolder.open(file))
        .withMessageContaining("data: " + file + ": FileAlreadyExistsException (expected: ");
  }
}
