package dev.fluxgate.denoiser.vae;

import dev.fluxgate.engine.tensor.DType;

/** How large the places of {@link FeatureMaps} must be: the largest of each, over all levels. */
final class MapSizes {
  private final DType dtype;
  private long streamElements;
  private long operandElements;
  private long hiddenBytes;

  MapSizes(DType dtype) {
    this.dtype = dtype;
  }

  /** A residual block from {@code in} to {@code out} channels. */
  void block(long pixels, int in, int out) {
    stream(pixels * Math.max(in, out));
    operand(pixels * Math.max(in, out));
    hidden(DType.F32.bytes(pixels * out));
  }

  /** An attention, which keeps q, k and v in one place. */
  void attention(long pixels, int channels) {
    block(pixels, channels, channels);
    hidden(dtype.bytes(3 * pixels * channels));
  }

  /** The input or output of a convolution outside the blocks. */
  void map(long pixels, int channels) {
    operand(pixels * channels);
    hidden(dtype.bytes(pixels * channels));
  }

  /** A map of twice the size, before and after its convolution. */
  void upsampled(long pixels, int channels) {
    stream(pixels * channels);
    hidden(dtype.bytes(pixels * channels));
  }

  private void stream(long elements) {
    streamElements = Math.max(streamElements, elements);
  }

  private void operand(long elements) {
    operandElements = Math.max(operandElements, elements);
  }

  private void hidden(long bytes) {
    hiddenBytes = Math.max(hiddenBytes, bytes);
  }

  long streamElements() {
    return streamElements;
  }

  long operandElements() {
    return operandElements;
  }

  long hiddenBytes() {
    return hiddenBytes;
  }
}
