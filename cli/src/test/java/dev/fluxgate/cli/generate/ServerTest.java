package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.CommandLineRun;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.image.PngFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line as a client of a gateway that runs: pictures, jobs, models. */
class ServerTest {
  private static LocalSystem server;

  @TempDir private Path folder;

  @BeforeAll
  static void starts() throws InterruptedException {
    server = LocalSystem.start(ToyFolder.MODEL, DType.BF16, "auto");
  }

  @AfterAll
  static void stops() {
    server.close();
  }

  @Test
  void drawsAtTheServerAndFetchesAgain() throws IOException {
    Path first = folder.resolve("a.png");
    Path again = folder.resolve("b.png");

    CommandLineRun drawn =
        ask(
            "generate",
            "a red circle",
            "--steps",
            "2",
            "--seed",
            "7",
            "--model",
            "toy",
            "--out",
            first.toString(),
            "--timeout",
            "600");
    assertThat(drawn.exitCode()).as(drawn.err()).isEqualTo(ExitCode.OK);
    assertThat(drawn.out()).contains("wrote " + first + " (128 x 128, seed 7, 2 steps;");
    assertThat(drawn.err()).contains("asking " + server.target()).doesNotContain("demonstration");
    assertThat(PngFile.read(first).text()).containsEntry("seed", "7");

    String id = newestId();
    assertThat(ask("jobs", "download", id, "--out", again.toString()).exitCode())
        .isEqualTo(ExitCode.OK);
    assertThat(again).hasSameBinaryContentAs(first);
    assertThat(ask("jobs", "show", id).out())
        .contains(
            "id          " + id,
            "state       succeeded",
            "prompt      a red circle",
            "seed        7");
    assertThat(ask("jobs", "show", id, "--json").out())
        .hasLineCount(1)
        .contains("\"state\":\"JOB_STATE_SUCCEEDED\"", "\"prompt\":\"a red circle\"");
    CommandLineRun watched = ask("jobs", "watch", id);
    assertThat(watched.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(watched.out()).startsWith("succeeded: 1 picture (128 x 128, seed 7, 2 steps;");
    assertThat(ask("jobs", "cancel", id).out())
        .isEqualTo(id + ": succeeded" + System.lineSeparator());
  }

  @Test
  void listsJobsInColumns() {
    for (String prompt : List.of("the first", "the\n\u001b[31msecond " + "and long ".repeat(40))) {
      assertThat(
              ask("generate", prompt, "--steps", "1", "--quiet", "--out", folder + "/x.png")
                  .exitCode())
          .isEqualTo(ExitCode.OK);
    }

    List<String> lines =
        ask("jobs", "list", "--limit", "2", "--state", "Succeeded,failed").out().lines().toList();

    assertThat(lines).hasSize(3);
    assertThat(lines.getFirst()).matches("ID +STATE +PROGRESS +MODEL +SIZE +AGE +PROMPT");
    assertThat(lines.get(1))
        .contains("succeeded", "1/1", "toy", "128 x 128", "the  [31msecond and long")
        .hasSize(120)
        .endsWith("…");
    int column = lines.getFirst().indexOf("PROMPT");
    assertThat(lines.get(2))
        .endsWith("the first")
        .satisfies(line -> assertThat(line.substring(column)).isEqualTo("the first"));
    assertThat(ask("jobs", "list", "--state", "running").out()).hasLineCount(1);
    assertThat(ask("jobs", "list", "--limit", "1", "--json").out())
        .hasLineCount(1)
        .startsWith("{\"id\":\"");
  }

  @Test
  @Timeout(120)
  void listsModels() throws InterruptedException {
    // Ready once the gateway has heard of its encoder.
    while (!ask("models").out().contains(" yes")) {
      Thread.sleep(10);
    }
    assertThat(ask("models").out().lines().toList().getLast())
        .matches("toy +flux2-dev +128 x 128 +20 +4\\.0 +16 +\\d+ +1 +yes");
    assertThat(ask("models", "--json").out()).hasLineCount(1).contains("\"id\":\"toy\"");
  }

  @Test
  void keepsNoPreviewFile() {
    CommandLineRun run =
        ask("generate", "a circle", "--preview", "--out", folder.resolve("p.png").toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(folder.toFile().list()).containsExactly("p.png");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "generate a --model ./toy   | 2 | --model: ./toy (expected: with --server, the name of a model; fluxgate models",
        "generate a --model nobody  | 2 | nobody",
        "generate a --dtype float32 | 2 | --dtype: given with --server (expected: one of them;",
        "generate a --device cpu    | 2 | --device: given with --server (expected: one of them;",
        "generate a --timeout 0     | 2 | --timeout: 0 (expected: 1..2592000)",
        "generate a --width 17      | 2 | --width: 17 (expected: a multiple of 16; nearest: 16 or 32)",
        "jobs list --state done     | 2 | --state: done (expected: queued, running, succeeded, failed,",
        "jobs list --limit 0        | 2 | --limit: 0 (expected: 1..100000)",
        "jobs show nothing          | 1 | nothing",
        "jobs watch nothing         | 1 | nothing",
        "jobs cancel nothing        | 1 | nothing",
        "jobs download nothing      | 1 | nothing",
      })
  void refuses(String command, int exitCode, String complaint) {
    CommandLineRun run = ask(command.strip().split(" +"));

    assertThat(run.err()).contains(complaint).doesNotContain("\tat ");
    assertThat(run.exitCode()).isEqualTo(exitCode);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void saysThatNobodyAnswers() {
    CommandLineRun run = CommandLineRun.of("jobs", "list", "--server", "127.0.0.1:1");

    assertThat(run.err())
        .hasLineCount(1)
        .contains("server: 127.0.0.1:1: ", "(expected: a gateway that answers; fluxgate up");
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(CommandLineRun.of("models", "--server", "https://a:1").err())
        .contains(
            "--server: https://a:1 (expected: http://HOST:PORT, grpc://HOST:PORT or HOST:PORT)");
    assertThat(CommandLineRun.of("jobs").err()).contains("no command (expected: list, show, ");
  }

  private static String newestId() {
    String line = ask("jobs", "list", "--limit", "1").out().lines().toList().getLast();
    return line.substring(0, line.indexOf(' '));
  }

  private static CommandLineRun ask(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--server", server.target()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }
}
