package dev.fluxgate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionCommandTest {
  private static final Path BASH = Path.of("/bin/bash");

  @TempDir private Path folder;

  @Test
  void printsAScriptThatKnowsTheCommands() {
    assertThat(CommandLineRun.of("completion").out())
        .contains("complete -F _complete_fluxgate -o default fluxgate", "generate", "golden");
  }

  /** The words typed so far, the last of them unfinished, and what bash offers. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gen                        | generate",
        "generate --max             | --max-sequence-length",
        "generate --dtype b         | bfloat16",
        "generate --device r        | reference",
        "generate --rand-device cu  | cuda",
        "generate --output-type lat | latents",
        "generate --upsample ch     | chat",
        "golden --fam               | --families",
        "up --den                   | --denoisers",
        "gateway --http             | --http-port",
        "denoiser --gate            | --gateway",
        "generate --prev            | --preview",
        "jobs wa                    | watch",
        "jobs list --state suc      | succeeded",
        "mod                        | models"
      })
  void completesInBash(String typed, String offered) throws Exception {
    assumeTrue(Files.isExecutable(BASH));
    Path script = Files.writeString(folder.resolve("c"), CommandLineRun.of("completion").out());
    int last = typed.split(" ").length;

    String said =
        bash(
            "compopt() { :; }; source "
                + script
                + "; COMP_WORDS=(fluxgate "
                + typed
                + "); COMP_CWORD="
                + last
                + "; _complete_fluxgate; echo \"${COMPREPLY[@]}\"");

    assertThat(said.strip().split(" ")).contains(offered);
  }

  private static String bash(String script) throws IOException {
    Process process =
        new ProcessBuilder(BASH.toString(), "-c", script).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
