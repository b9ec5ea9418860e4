package dev.fluxgate.cli.settings;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints docs/settings.md, for those who change an option. */
@Command(name = "settings-page", hidden = true, description = "Prints docs/settings.md.")
public final class SettingsPageCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.print(SettingsTable.page(spec.root()));
    out.flush();
  }
}
