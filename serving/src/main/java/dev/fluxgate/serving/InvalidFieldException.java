package dev.fluxgate.serving;

import java.util.List;
import java.util.stream.Collectors;

/** A request says something that cannot be done, whoever is asked and however often. */
public final class InvalidFieldException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * One field at fault.
   *
   * @param field its path in the request message, for example "parameters.width"
   * @param description the offending value and the expectation
   */
  public record Violation(String field, String description) {}

  private final transient List<Violation> violations;

  /** All fields at fault, at least one. */
  public InvalidFieldException(List<Violation> violations) {
    super(violations.stream().map(Violation::description).collect(Collectors.joining("; ")));
    this.violations = List.copyOf(violations);
  }

  /**
   * One field at fault.
   *
   * @param field its path in the request message
   * @param description the offending value and the expectation, as "width: 17 (expected: …)"
   */
  public InvalidFieldException(String field, String description) {
    this(List.of(new Violation(field, description)));
  }

  /** The fields at fault. */
  public List<Violation> violations() {
    return violations;
  }
}
