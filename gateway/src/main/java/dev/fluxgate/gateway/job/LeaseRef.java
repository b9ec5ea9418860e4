package dev.fluxgate.gateway.job;

/**
 * The right of one worker to change one job.
 *
 * @param jobId of the job
 * @param epoch counts the leases of that job; a lower one than the job's has been lost
 */
public record LeaseRef(String jobId, long epoch) {}
