package dev.fluxgate.denoiser;

import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Every setting of a denoiser worker.
 *
 * @param model folder of the model, in the diffusers layout
 * @param dtype type to compute in: F32 or BF16
 * @param device back end: "auto", "cpu", "cuda:N" or "reference"
 * @param gateway "host:port" of the gateway
 * @param workerId stable name of the worker
 * @param limits what may be held, and how long leaving may take
 */
public record DenoiserConfig(
    Path model, DType dtype, String device, String gateway, String workerId, Limits limits) {

  /**
   * What may be held, and how long leaving may take.
   *
   * @param embeddingBytes embeddings kept for the next job
   * @param maxPixels largest width times height accepted
   * @param activationBytes most activation memory of one job
   * @param drain how long a job at work may go on when the worker is told to leave
   */
  public record Limits(long embeddingBytes, long maxPixels, long activationBytes, Duration drain) {
    /** 128 MiB of embeddings, pictures of 4 megapixels, 16 GiB of activations, no wait. */
    public static final Limits STANDARD =
        new Limits(128L << 20, 4L << 20, 16L << 30, Duration.ZERO);
  }

  /** Checks what can be checked without opening the model. */
  public DenoiserConfig {
    if (!dtype.isCompute()) {
      throw new IllegalArgumentException("dtype: " + dtype + " (expected: F32 or BF16)");
    }
    if (workerId.isBlank()) {
      throw new IllegalArgumentException("workerId: blank (expected: a name)");
    }
  }
}
