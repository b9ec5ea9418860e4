package dev.fluxgate.denoiser.job;

import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.engine.tensor.HostTensor;

/** The gateway, as the running of a job sees it. */
public interface Gateway {

  /**
   * Fetches an embedding; blocks, and tries again while the gateway is out of reach.
   *
   * @throws JobStoppedException if the work on {@code lease} should stop meanwhile
   * @throws JobFailedException if it cannot be had
   */
  HostTensor fetch(Lease lease, EmbeddingRef embedding);

  /**
   * Fetches a picture's file; blocks, and tries again while the gateway is out of reach.
   *
   * @throws JobStoppedException if the work on {@code lease} should stop meanwhile
   * @throws JobFailedException if it cannot be had
   */
  byte[] fetch(Lease lease, InputRef input);

  /** Tells a step; only the newest while the gateway is slow, none while it is out of reach. */
  void progress(Lease lease, JobProgress.Stage stage, int step, int totalSteps);

  /** Shows a preview; dropped while the gateway is slow or out of reach. */
  void preview(Lease lease, EncodedPicture preview, int step);

  /**
   * Hands in a picture; blocks, and tries again while the gateway is out of reach.
   *
   * @throws LeaseLostException if the gateway no longer wants it from us
   * @throws JobStoppedException if the work on {@code lease} should stop meanwhile
   * @throws JobFailedException if it cannot be delivered
   */
  void upload(Lease lease, EncodedPicture picture);

  /** Tells that all pictures are handed in; kept until the gateway is within reach. */
  void complete(Lease lease, long denoiseMillis, long decodeMillis);

  /** Gives a lease back; kept until the gateway is within reach. */
  void giveBack(Lease lease, JobFailedException.Fault fault, String reason, String message);

  /** Asks for one more lease. */
  void ready();
}
