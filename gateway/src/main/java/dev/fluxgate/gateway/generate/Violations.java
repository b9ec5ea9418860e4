package dev.fluxgate.gateway.generate;

import dev.fluxgate.serving.InvalidFieldException;
import dev.fluxgate.serving.InvalidFieldException.Violation;
import java.util.ArrayList;
import java.util.List;

/** All that is wrong with one request, each with its value and what can be. */
final class Violations {
  private final List<Violation> found = new ArrayList<>();

  void within(String field, int value, int least, int most) {
    require(value >= least && value <= most, field, value, least + ".." + most);
  }

  void require(boolean holds, String field, Object value, String expected) {
    if (!holds) {
      add(field, value, expected);
    }
  }

  void add(String field, Object value, String expected) {
    found.add(
        new Violation(
            "parameters." + field, field + ": " + value + " (expected: " + expected + ")"));
  }

  /**
   * Ends the look.
   *
   * @throws InvalidFieldException if anything is wrong
   */
  void refuseAny() {
    if (!found.isEmpty()) {
      throw new InvalidFieldException(found);
    }
  }
}
