package dev.fluxgate.cli.golden;

/** What to do with a case, decided from its description alone. */
public sealed interface CasePlan {

  /**
   * Compute it.
   *
   * @param operation how
   */
  record Run(GoldenOperation operation) implements CasePlan {}

  /**
   * Leave it out.
   *
   * @param reason what it asks for that is not built yet
   */
  record Skip(String reason) implements CasePlan {}
}
