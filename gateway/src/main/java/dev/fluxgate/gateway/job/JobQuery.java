package dev.fluxgate.gateway.job;

import java.util.Set;

/**
 * Which jobs are listed.
 *
 * @param pageSize most of one answer, 1..{@value #MAX_PAGE_SIZE}
 * @param pageToken where the page begins; empty for the first
 * @param states only jobs in one of these; empty for all
 */
public record JobQuery(int pageSize, String pageToken, Set<JobState> states) {
  /** Most jobs of one page. */
  public static final int MAX_PAGE_SIZE = 1000;

  /** Copies the set. */
  public JobQuery {
    states = Set.copyOf(states);
  }
}
