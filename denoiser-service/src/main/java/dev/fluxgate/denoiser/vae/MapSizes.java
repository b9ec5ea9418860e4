package dev.fluxgate.denoiser.vae;

/** How large the places of {@link FeatureMaps} must be: the largest of each, over all levels. */
final class MapSizes {
  private long streamElements;
  private long operandElements;
  private long hiddenElements;

  /** A residual block from {@code in} to {@code out} channels. */
  void block(long pixels, int in, int out) {
    stream(pixels * Math.max(in, out));
    operand(pixels * Math.max(in, out));
    hidden(pixels * out);
  }

  /** An attention, which keeps q, k and v in one place. */
  void attention(long pixels, int channels) {
    block(pixels, channels, channels);
    hidden(3 * pixels * channels);
  }

  /** The input or output of a convolution outside the blocks. */
  void map(long pixels, int channels) {
    operand(pixels * channels);
    hidden(pixels * channels);
  }

  /** A map of twice the size, before and after its convolution. */
  void upsampled(long pixels, int channels) {
    stream(pixels * channels);
    hidden(pixels * channels);
  }

  private void stream(long elements) {
    streamElements = Math.max(streamElements, elements);
  }

  private void operand(long elements) {
    operandElements = Math.max(operandElements, elements);
  }

  private void hidden(long elements) {
    hiddenElements = Math.max(hiddenElements, elements);
  }

  long streamElements() {
    return streamElements;
  }

  long operandElements() {
    return operandElements;
  }

  long hiddenElements() {
    return hiddenElements;
  }
}
