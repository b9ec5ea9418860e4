package dev.fluxgate.cli.option;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/**
 * Which whole numbers an option takes.
 *
 * @param least smallest
 * @param most largest
 */
public record Range(long least, long most) {

  /**
   * {@code value}, if it is one of them.
   *
   * @param option "--num-images"
   * @throws ParameterException if not
   */
  public int check(CommandSpec spec, String option, int value) {
    if (value < least || value > most) {
      throw new ParameterException(
          spec.commandLine(), option + ": " + value + " (expected: " + least + ".." + most + ")");
    }
    return value;
  }
}
