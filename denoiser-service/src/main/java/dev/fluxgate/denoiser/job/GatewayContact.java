package dev.fluxgate.denoiser.job;

import java.util.Optional;

/**
 * What of the way to the gateway is worth a line in the log: that it changed, and not that it is as
 * it was. A worker dials for as long as it lives, so a line for every attempt would bury the log.
 */
public final class GatewayContact {
  private enum State {
    UNKNOWN,
    ATTACHED,
    LOST,
    REFUSED
  }

  private State state = State.UNKNOWN;
  private String trouble = "";

  /**
   * One line.
   *
   * @param warning whether someone must do something
   * @param text what happened
   */
  public record Line(boolean warning, String text) {}

  /** The gateway said welcome. It may refuse the worker right after, and then has before. */
  public synchronized Optional<Line> welcomed() {
    return state == State.REFUSED ? Optional.empty() : attached();
  }

  /** The attachment has lasted. */
  public synchronized Optional<Line> settled() {
    return attached();
  }

  private Optional<Line> attached() {
    if (state == State.ATTACHED) {
      return Optional.empty();
    }
    state = State.ATTACHED;
    trouble = "";
    return Optional.of(new Line(false, "attached to the gateway"));
  }

  /** There is no gateway, or no way to it. */
  public synchronized Optional<Line> lost(String message) {
    return changed(State.LOST, "the gateway is out of reach: " + message + "; dialling on");
  }

  /** There is a gateway, and it does not want this worker. */
  public synchronized Optional<Line> refused(String reason, String message) {
    return changed(
        State.REFUSED, "refused by the gateway: " + reason + ": " + message + "; dialling on");
  }

  private Optional<Line> changed(State now, String text) {
    String line = text.replaceAll("\\s+", " ");
    if (state == now && trouble.equals(line)) {
      return Optional.empty();
    }
    state = now;
    trouble = line;
    return Optional.of(new Line(now == State.REFUSED, line));
  }
}
