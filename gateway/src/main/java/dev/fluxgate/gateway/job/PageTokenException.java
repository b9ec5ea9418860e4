package dev.fluxgate.gateway.job;

/** A page token that no page gave, or whose job is forgotten. */
public final class PageTokenException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Names the token. */
  public PageTokenException(String token) {
    super("page_token: " + token + " (expected: next_page_token of the page before)");
  }
}
