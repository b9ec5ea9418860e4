package dev.fluxgate.cli.settings;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** All settings as the page docs/settings.md. */
public final class SettingsTable {
  private static final String HEAD =
      """
      # Settings

      Every option of `up`, `encoder`, `denoiser` and `gateway` can be given in three ways. The first that is given counts:

      1. on the command line: `fluxgate gateway --http-port 8081`
      2. in the environment: `FLUXGATE_GATEWAY_HTTP_PORT=8081`; a variable without text counts as not set
      3. in a file, named by `--config FILE` or `FLUXGATE_CONFIG`: a line `gateway.http-port = 8081`

      The file holds Java properties in UTF-8. Unknown keys, unknown variables that begin with the name of one of these
      commands (`FLUXGATE_GATEWAY_…`), and keys set twice are refused. Paths are relative to the working folder.

      `up` hands environment and file on to the processes that it starts. What it does not decide itself, such as
      `gateway.max-jobs`, they take from there; ports, addresses, model, type and device are those of `up`.

      `FLUXGATE_THREADS` sets how many threads of a processor compute, in every process.

      This page is written by `fluxgate settings-page`; a test fails when it is not up to date.
      """;

  private SettingsTable() {}

  /** The page, in Markdown. */
  public static String page(CommandSpec root) {
    StringBuilder page = new StringBuilder(HEAD);
    String section = "";
    for (Setting setting : Setting.all(root)) {
      int dot = setting.key().indexOf('.');
      String command = dot < 0 ? "Clients: jobs, models" : setting.key().substring(0, dot);
      if (!command.equals(section)) {
        section = command;
        page.append("\n## ").append(command);
        page.append("\n\n| key | variable | option | default | what |\n|---|---|---|---|---|\n");
      }
      page.append(row(setting));
    }
    return page.toString();
  }

  private static String row(Setting setting) {
    OptionSpec option = setting.option();
    String value = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    String[] words = String.join(" ", option.description()).split(" ?Default: ", 2);
    String preset = words.length == 1 ? "false" : words[1].replaceFirst("\\.$", "");
    String resolved = preset.replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()));
    return "| `%s` | `%s` | `%s%s` | %s | %s |\n"
        .formatted(
            setting.key(),
            setting.variable(),
            option.longestName(),
            value,
            resolved,
            words[0].replace("|", "\\|"));
  }
}
