package dev.fluxgate.gateway.job;

/** Whose calls are. */
public final class Tenant {
  /** Whose all calls are until callers prove who they are. */
  public static final String LOCAL = "local";

  private Tenant() {}
}
