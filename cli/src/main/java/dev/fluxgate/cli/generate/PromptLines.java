package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.failure.IoReason;
import dev.fluxgate.cli.failure.RequestRefusedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The prompts of one call: one argument, or the lines of a file. */
final class PromptLines {
  private PromptLines() {}

  /**
   * At least one prompt, none of them blank; blank lines of the file are passed over.
   *
   * @throws ParameterException for none, for both, or for several that would have one file
   * @throws RequestRefusedException for a file that cannot be read, or has none
   */
  static List<String> of(
      CommandSpec spec, @Nullable String prompt, @Nullable Path file, @Nullable Path out) {
    if (prompt != null && file != null) {
      throw new ParameterException(
          spec.commandLine(), "--prompts: given with PROMPT (expected: one of them)");
    }
    if (file == null) {
      return List.of(present(spec, prompt));
    }
    List<String> prompts = lines(file);
    if (prompts.size() > 1 && out != null && !Files.isDirectory(out)) {
      throw new ParameterException(
          spec.commandLine(),
          "--out: " + out + " for " + prompts.size() + " prompts (expected: a folder)");
    }
    return prompts;
  }

  private static String present(CommandSpec spec, @Nullable String prompt) {
    if (prompt == null) {
      throw new ParameterException(
          spec.commandLine(),
          "PROMPT: missing (expected: " + spec.qualifiedName() + " PROMPT, or --prompts FILE)");
    }
    if (prompt.isBlank()) {
      throw new ParameterException(
          spec.commandLine(), "PROMPT: \"" + prompt + "\" (expected: what the picture shows)");
    }
    return prompt;
  }

  private static List<String> lines(Path file) {
    try {
      List<String> prompts =
          Files.readAllLines(file, StandardCharsets.UTF_8).stream()
              .map(String::strip)
              .filter(line -> !line.isEmpty())
              .toList();
      if (prompts.isEmpty()) {
        throw new RequestRefusedException(
            "--prompts: " + file + ": no prompt in it (expected: one a line)");
      }
      return prompts;
    } catch (IOException e) {
      throw new RequestRefusedException(
          "--prompts: " + file + ": " + IoReason.of(e) + " (expected: a text file)", e);
    }
  }
}
