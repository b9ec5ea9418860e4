package dev.fluxgate.cli.failure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoReasonTest {

  @Test
  void takesTheSystemsWords() {
    assertThat(IoReason.of(new FileSystemException("a", null, "No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(IoReason.of(new IOException("Broken pipe"))).isEqualTo("Broken pipe");
  }

  @Test
  void takesTheKindWhereTheSystemSaysNothing() {
    assertThat(IoReason.of(new AccessDeniedException("a"))).isEqualTo("access denied");
    assertThat(IoReason.withFile(new NoSuchFileException("a"))).isEqualTo("a: no such file");
    assertThat(IoReason.withFile(new IOException())).isEqualTo("io");
  }
}
