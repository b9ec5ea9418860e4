package dev.fluxgate.denoiser.job;

/**
 * The right to work on a job.
 *
 * @param jobId the job
 * @param epoch counts the leases of this job; an older one is worth nothing
 */
public record Lease(String jobId, long epoch) {}
