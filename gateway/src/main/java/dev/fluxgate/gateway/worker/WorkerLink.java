package dev.fluxgate.gateway.worker;

import dev.fluxgate.gateway.job.Job;
import dev.fluxgate.gateway.job.LeaseRef;

/** The way to one attached worker. Nothing here blocks, and a link that is down ignores all. */
public interface WorkerLink {

  /** Takes the worker in; before anything else. */
  void welcome(String session);

  /** Gives a lease. */
  void assign(Job job);

  /** The job's owner wants it stopped. */
  void cancel(LeaseRef lease);

  /** The lease is no longer the worker's. */
  void revoke(LeaseRef lease);

  /** Asks whether the worker could draw something; it answers under the same id. */
  void ask(long id, PlanQuestion question);

  /** The same worker has attached anew; this link is of no use any more. */
  void replaced();
}
