package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.cli.option.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** Where options come from, which counts, and what is refused. */
class SettingsTest {
  @TempDir private Path folder;

  @Test
  void takesTheFlagBeforeTheEnvironmentBeforeTheFileBeforeTheDefault() throws IOException {
    String config = file("gateway.http-port = 1\ngateway.grpc-port = 2\ngateway.max-jobs = 3\n");
    CommandLine line =
        FluxgateMain.commandLine(
            Map.of("FLUXGATE_GATEWAY_HTTP_PORT", "10", "FLUXGATE_GATEWAY_GRPC_PORT", "20"));

    line.parseArgs("gateway", "--http-port", "100", "--config", config);

    assertThat(value(line, "gateway", "--http-port")).hasToString("100");
    assertThat(value(line, "gateway", "--grpc-port")).hasToString("20");
    assertThat(value(line, "gateway", "--max-jobs")).isEqualTo(3);
    assertThat(value(line, "gateway", "--ended-jobs")).isEqualTo(10_000);
  }

  @Test
  void findsTheFileByTheEnvironmentAndSplitsLists() throws IOException {
    String config = file("gateway.encoder = a:1,\\\n  b:2\nserver = example.org:9\n");
    CommandLine line = FluxgateMain.commandLine(Map.of("FLUXGATE_CONFIG", config));

    line.parseArgs("gateway");

    assertThat(value(line, "gateway", "--encoder")).hasToString("[a:1, b:2]");
  }

  @Test
  void knowsTheServerOfAllClients() {
    CommandLine line = FluxgateMain.commandLine(Map.of("FLUXGATE_SERVER", "http://a:1"));

    line.parseArgs("jobs", "list");

    assertThat(value(line, "jobs", "list", "--server").toString()).contains("a:1");
  }

  @Test
  void countsABlankVariableAsNotSet() {
    CommandLine line = FluxgateMain.commandLine(Map.of("FLUXGATE_UP_DENOISERS", " "));

    line.parseArgs("up");

    assertThat(value(line, "up", "--denoisers")).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gateway.htpp-port = 1      | FILE:1: gateway.htpp-port: no such setting (expected: gateway.http-port, or",
        "# port\\ngatway.data = x   | FILE:2: gatway.data: no such setting (expected: gateway.data, or",
        "generate.steps = 1         | FILE:1: generate.steps: no such setting (expected: ",
        "up.denoisers=1\\n\\nup.denoisers: 1 | FILE:3: up.denoisers: set before, at FILE:1 (expected: once)",
        "gateway.http-port = high   | FILE:1: gateway.http-port: high (expected: a port, 0..65535; 0 takes",
        "gateway.host = 0.0.0.0     | FILE:1: gateway.host: 0.0.0.0 (expected: 127.0.0.1, ::1 or localhost;",
        "gateway.verbose = yes      | FILE:1: gateway.verbose: yes (expected: true or false)",
        "gateway.max-jobs = 0       | FILE:1: gateway.max-jobs: 0 (expected: 1..1000000)",
        "gateway.data = \\\\u00zz   | FILE:1: Malformed",
      })
  void refusesWhatAFileSaysNamingTheLine(String lines, String complaint) throws IOException {
    String config = file(lines.replace("\\n", "\n").replace("\\\\", "\\"));

    assertRefused(
        CommandLineRun.of("gateway", "--config", config), complaint.replace("FILE", config));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FLUXGATE_GATEWAY_HTPP_PORT | 1    | FLUXGATE_GATEWAY_HTPP_PORT: no such setting (expected: FLUXGATE_GATEWAY_HTTP_PORT, or",
        "FLUXGATE_UP_COLOUR         | 1    | FLUXGATE_UP_COLOUR: no such setting (expected: FLUXGATE_UP_",
        "FLUXGATE_GATEWAY_HTTP_PORT | 1e9  | FLUXGATE_GATEWAY_HTTP_PORT: 1e9 (expected: a port",
        "FLUXGATE_GATEWAY_HOST      | ::   | FLUXGATE_GATEWAY_HOST: :: (expected: 127.0.0.1, ::1 or localhost;",
        "FLUXGATE_GATEWAY_ENCODER   | a    | FLUXGATE_GATEWAY_ENCODER: a (expected: HOST:PORT, such as",
        "FLUXGATE_CONFIG            | none | none: no such file (expected: a file of settings in UTF-8)",
      })
  void refusesWhatAVariableSaysNamingIt(String variable, String value, String complaint) {
    assertRefused(CommandLineRun.with(Map.of(variable, value), "gateway"), complaint);
  }

  @Test
  void leavesOtherCommandsAlone() {
    CommandLineRun run =
        CommandLineRun.with(Map.of("FLUXGATE_GATEWAY_HTPP_PORT", "1"), "completion");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void helpsInSpiteOfABrokenFile() throws IOException {
    CommandLineRun run = CommandLineRun.of("gateway", "--config", file("no = 1"), "--help");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("--http-port");
  }

  @Test
  void refusesAFileThatIsNotText() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[] {(byte) 0xff, 'a', '=', '1'});

    assertRefused(
        CommandLineRun.of("gateway", "--config", file.toString()),
        "(expected: a file of settings in UTF-8)");
  }

  /** To bring the page up to date: ./fluxgate settings-page > docs/settings.md. */
  @Test
  void documentsEverySetting() {
    assertThat(Path.of(System.getProperty("fluxgate.root"), "docs", "settings.md"))
        .hasContent(CommandLineRun.of("settings-page").out());
  }

  /** What the option at the end of {@code path} is set to. */
  private static Object value(CommandLine line, String... path) {
    CommandLine command = line;
    for (String name : List.of(path).subList(0, path.length - 1)) {
      command = Objects.requireNonNull(command.getSubcommands().get(name));
    }
    return Objects.requireNonNull(
        command.getCommandSpec().findOption(path[path.length - 1]).getValue());
  }

  private String file(String content) throws IOException {
    return Files.writeString(folder.resolve("fluxgate.properties"), content).toString();
  }

  private static void assertRefused(CommandLineRun run, String complaint) {
    assertThat(run.err()).hasLineCount(1).startsWith("fluxgate gateway: ").contains(complaint);
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.out()).isEmpty();
  }
}
