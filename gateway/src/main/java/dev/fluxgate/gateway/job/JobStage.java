package dev.fluxgate.gateway.job;

/** What a job that has not ended is at. */
public enum JobStage {
  /** Its prompt is being encoded. */
  ENCODING,
  /** It waits for a worker. */
  WAITING,
  /** A worker takes denoising steps. */
  DENOISING,
  /** A worker turns latents into files. */
  DECODING
}
