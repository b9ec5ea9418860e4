package dev.fluxgate.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchCheckpointCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new BenchCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  @Test
  void writesAModel(@TempDir Path folder) {
    Path model = folder.resolve("new/model");
    assertThat(run("checkpoint", "--geometry", "tiny", "--out", model.toString()))
        .isEqualTo(ExitCode.OK);
    assertThat(model.resolve("model_index.json")).exists();
    assertThat(out.toString()).contains("text_encoder/model.safetensors: ", model.toString());
  }

  @Test
  void leavesWhatIsThereAlone(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("precious"), "x");
    assertThat(run("checkpoint", "--geometry", "tiny", "--out", folder.toString())).isNotZero();
    assertThat(err.toString()).contains("holds files (expected: an empty folder)");
    assertThat(run("checkpoint", "--geometry", "tiny", "--out", file.toString())).isNotZero();
    assertThat(err.toString()).contains("is a file (expected: an empty folder)");
    assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
  }

  @Test
  void refusesAGeometryThatItDoesNotKnow(@TempDir Path folder) {
    assertThat(run("checkpoint", "--geometry", "flux3", "--out", folder.toString())).isNotZero();
    assertThat(err.toString()).contains("--geometry: flux3 (expected: klein-4b, klein-9b, tiny)");
  }

  @Test
  void refusesWhatTheDiskHasNoRoomFor() {
    BenchCheckpointCommand command = new BenchCheckpointCommand();
    CommandLine line = new CommandLine(command);
    assertThat(line.getCommandName()).isEqualTo("checkpoint");
    assertThat(catchMessage(() -> command.requireRoom(100, 99)))
        .contains("99 bytes free (expected: at least the 100 of klein-4b)");
    assertThat(catchMessage(() -> command.requireRoom(100, 100))).isEmpty();
  }

  private static String catchMessage(Runnable action) {
    try {
      action.run();
      return "";
    } catch (CommandLine.ParameterException refused) {
      return String.valueOf(refused.getMessage());
    }
  }
}
