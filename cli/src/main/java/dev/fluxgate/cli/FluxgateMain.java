package dev.fluxgate.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.util.List;
import picocli.CommandLine;

/** Where the start script enters. */
public final class FluxgateMain {
  /** Names the descriptor on which the start script hands over stderr. */
  private static final String STDERR = "fluxgate.stderr";

  /** What went wrong is said in one line; the log of the services is for those who ask. */
  private static final String LOG_LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";

  private FluxgateMain() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Integer descriptor = Integer.getInteger(STDERR);
    if (descriptor != null) {
      System.setErr(handedOverStderr(descriptor));
    }
    if (!List.of(args).contains("--verbose") && System.getProperty(LOG_LEVEL) == null) {
      System.setProperty(LOG_LEVEL, "off");
    }
    int exitCode = commandLine().execute(args);
    if (System.out.checkError() && exitCode == ExitCode.OK) {
      System.err.println(
          "fluxgate: stdout: closed or full (expected: to take all that is printed)");
      exitCode = ExitCode.FAILED;
    }
    System.exit(exitCode);
  }

  /** The commands, their options and how they complain. */
  public static CommandLine commandLine() {
    return new CommandLine(new FluxgateCommand())
        .setParameterExceptionHandler(Complaint::ofArguments)
        .setExecutionExceptionHandler(Complaint::ofExecution)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(false);
  }

  /**
   * The stream behind {@code number}. The JVM announces every incubator module on descriptor 2
   * before any code of ours runs and knows no switch against it; the script therefore sends 2 to a
   * log. Opening /dev/fd/3 would fail where stderr is a socket, hence the constructor.
   */
  private static PrintStream handedOverStderr(int number) throws ReflectiveOperationException {
    Constructor<FileDescriptor> descriptor = FileDescriptor.class.getDeclaredConstructor(int.class);
    descriptor.setAccessible(true);
    return new PrintStream(
        new FileOutputStream(descriptor.newInstance(number)), true, System.err.charset());
  }
}
