package dev.fluxgate.cli;

import dev.fluxgate.cli.failure.ErrorLine;
import dev.fluxgate.cli.option.ByteSize;
import dev.fluxgate.cli.option.ExitCode;
import dev.fluxgate.cli.option.HostPort;
import dev.fluxgate.cli.option.Port;
import dev.fluxgate.cli.option.ServerAddress;
import dev.fluxgate.cli.option.ServiceCommand;
import dev.fluxgate.cli.settings.InvalidSettingsException;
import dev.fluxgate.cli.settings.Settings;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Where the start script enters. */
public final class FluxgateMain {
  /** Names the descriptor on which the start script hands over stderr. */
  private static final String STDERR = "fluxgate.stderr";

  /** What the start script answers itself. */
  private static final String COMMANDS_OF_THE_SCRIPT =
      "%nThe start script of a checkout also has: test (runs every gate), jdk (tells which one it"
          + " takes), bundle (packs an archive for a machine with an NVIDIA driver and nothing else).";

  private FluxgateMain() {}

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] args) throws ReflectiveOperationException {
    Integer descriptor = Integer.getInteger(STDERR);
    if (descriptor != null) {
      System.setErr(handedOverStderr(descriptor));
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
    return commandLine(System.getenv());
  }

  /** As {@link #commandLine()}, with settings out of {@code environment}. */
  static CommandLine commandLine(Map<String, String> environment) {
    Settings settings = new Settings(environment);
    Complaint complaint = new Complaint(settings);
    CommandLine root = new CommandLine(new FluxgateCommand());
    root.getCommandSpec().usageMessage().footer(COMMANDS_OF_THE_SCRIPT);
    return root.registerConverter(Port.class, Port::parse)
        .registerConverter(HostPort.class, HostPort::new)
        .registerConverter(ServerAddress.class, ServerAddress::parse)
        .registerConverter(ByteSize.class, ByteSize::parse)
        .setDefaultValueProvider(settings)
        .setExecutionStrategy(result -> run(result, settings))
        .setParameterExceptionHandler(complaint::ofArguments)
        .setExecutionExceptionHandler(complaint::ofExecution)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(false);
  }

  private static int run(ParseResult result, Settings settings) {
    CommandSpec command = last(result).commandSpec();
    if (!last(result).isUsageHelpRequested()
        && command.root().userObject() instanceof FluxgateCommand root) {
      try {
        settings.check(command);
        if (settings.isOn(command, "--verbose")) {
          root.beVerbose();
        }
      } catch (InvalidSettingsException e) {
        throw new ParameterException(command.commandLine(), ErrorLine.of(e), e);
      }
      Logging.configure(command.userObject() instanceof ServiceCommand, root.isVerbose());
    }
    return new CommandLine.RunLast().execute(result);
  }

  private static ParseResult last(ParseResult result) {
    return result.hasSubcommand() ? last(result.subcommand()) : result;
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
