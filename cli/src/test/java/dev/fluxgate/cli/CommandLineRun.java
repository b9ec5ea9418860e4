package dev.fluxgate.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** One run of the command line inside the test: exit code and both streams. */
public record CommandLineRun(int exitCode, String out, String err) {

  /** Runs {@code arguments} without any settings around. */
  public static CommandLineRun of(String... arguments) {
    return with(Map.of(), arguments);
  }

  /** The same with variables in place of those of the test's own process. */
  static CommandLineRun with(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        FluxgateMain.commandLine(environment)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    int exitCode = line.execute(arguments);
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
