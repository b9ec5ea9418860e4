package dev.fluxgate.gateway.upsample;

/**
 * Rewrites a prompt to be more descriptive, true to its intent; with pictures, into an instruction
 * for an edit. A language model stands behind it, elsewhere. Threads may share one.
 */
public interface PromptUpsampler extends AutoCloseable {

  /** Where it is, for messages; holds no secret. */
  String target();

  /**
   * Rewrites one prompt; blocks until it is done, or until the upsampler's own limits are spent.
   *
   * @throws UpsamplerUnavailableException if there was no answer, after all attempts: later there
   *     may be one
   * @throws UpsamplingFailedException if the request was refused, or the answer is of no use
   */
  UpsampledPrompt upsample(UpsamplingRequest request);

  @Override
  void close();
}
