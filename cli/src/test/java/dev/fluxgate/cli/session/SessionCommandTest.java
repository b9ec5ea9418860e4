package dev.fluxgate.cli.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionCommandTest {
  @TempDir private Path folder;

  @Test
  void drawsLineByLineWithOneLoadedModel() throws IOException {
    CommandLineRun run =
        session("steps=1 seed=7", "a large red circle", "num_images=2", "", "show", "quit", "lost");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(files())
        .containsExactly(
            "a-large-red-circle-0.png", "a-large-red-circle-1.png", "a-large-red-circle.png");
    assertThat(run.out()).contains("seed 7, 1 step;");
    assertThat(run.err()).contains("steps=1").contains("prompt=\"a large red circle\"");
  }

  @Test
  void goesOnAfterALineThatCannotBeDone() throws IOException {
    CommandLineRun run = session("", "steps=0", "a", "steps=1", "width=17", "a", "width=", "a");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err())
        .contains("prompt: none yet (expected: what the picture shows)")
        .contains("--steps: 0 (expected: 1..1000)")
        .contains("--width: 17 (expected: a multiple of");
    assertThat(files()).containsExactly("a.png");
  }

  private CommandLineRun session(String... lines) {
    InputStream before = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(String.join("\n", lines).getBytes(StandardCharsets.UTF_8)));
      return CommandLineRun.of("session", "--out", folder.toString());
    } finally {
      System.setIn(before);
    }
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
