package dev.fluxgate.cli.job;

import dev.fluxgate.v1.Job;
import dev.fluxgate.v1.Preview;

/** Sees a job change. */
@FunctionalInterface
public interface JobObserver {

  /** The job stands thus. */
  void changed(Job job);

  /** A picture will look somewhat like this. */
  default void previewed(Preview preview) {}
}
