package dev.fluxgate.gateway.job;

import java.util.List;

/**
 * Some of a tenant's jobs.
 *
 * @param jobs the newest first
 * @param nextPageToken where the next page begins; empty on the last
 */
public record JobPage(List<Job> jobs, String nextPageToken) {
  /** Copies the list. */
  public JobPage {
    jobs = List.copyOf(jobs);
  }
}
