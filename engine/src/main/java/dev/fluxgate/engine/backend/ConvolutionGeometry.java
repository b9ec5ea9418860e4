package dev.fluxgate.engine.backend;

/**
 * How a square filter moves over a picture. Padding is zeros.
 *
 * @param stride pixels between neighbouring outputs
 * @param padBefore rows above and columns to the left of the picture
 * @param padAfter rows below and columns to the right of it
 */
public record ConvolutionGeometry(int stride, int padBefore, int padAfter) {

  /** Height or width of the output for an input of {@code size} and a filter of {@code kernel}. */
  public int outputSize(int size, int kernel) {
    return (size + padBefore + padAfter - kernel) / stride + 1;
  }
}
