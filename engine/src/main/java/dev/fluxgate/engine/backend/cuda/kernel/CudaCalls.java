package dev.fluxgate.engine.backend.cuda.kernel;

import java.lang.foreign.MemorySegment;

/**
 * The arguments of kernels, one method a structure of calls.cuh, in the order of its fields. A
 * change here is a change there.
 */
public final class CudaCalls {
  /** The most sequences of one masked attention. */
  public static final int MOST_SEQUENCES = 32;

  private static final int POINTER = Long.BYTES;
  private static final int WORD = Integer.BYTES;
  private static final int STEPS_BYTES = 2 * WORD + POINTER + 2 * DeviceMatrix.BYTES;

  private CudaCalls() {}

  /**
   * What becomes of a product: {@code Epilogue} of calls.cuh.
   *
   * @param kind which
   * @param bias address of the bias that is added once the product is rounded, or 0
   * @param operand factor or residual, or none
   * @param gate of the product, or none
   */
  public record Steps(int kind, long bias, DeviceMatrix operand, DeviceMatrix gate) {
    public static final int STORE = 0;
    public static final int SILU = 1;
    public static final int GELU_TANH = 2;
    public static final int GELU_COMPOSED_TANH = 3;
    public static final int GELU_ERF = 4;
    public static final int GELU_QUICK = 5;
    public static final int ADD_BIAS = 6;
    public static final int MULTIPLY = 7;
    public static final int ADD = 8;
    public static final int GATED_ADD = 9;

    /** A step without operands. */
    public static Steps of(int kind) {
      return new Steps(kind, 0, DeviceMatrix.NONE, DeviceMatrix.NONE);
    }
  }

  /**
   * Sizes of a convolution.
   *
   * @param height of x
   * @param width of x
   * @param outHeight of out
   * @param outWidth of out
   * @param kernel height and width of the filter
   * @param stride pixels between neighbouring outputs
   * @param padBefore zeros above and to the left
   */
  public record Picture(
      int height, int width, int outHeight, int outWidth, int kernel, int stride, int padBefore) {}

  /** {@code FillCall}. */
  public static MemorySegment fill(DeviceMatrix out, long seed, float scale, float offset) {
    return new CallBytes(DeviceMatrix.BYTES + Long.BYTES + 2 * WORD)
        .put(out)
        .pointer(seed)
        .put(scale)
        .put(offset)
        .toSegment();
  }

  /** {@code LinearCall}. */
  public static MemorySegment linear(
      DeviceMatrix x, DeviceMatrix weight, long bias, Steps steps, DeviceMatrix out) {
    return new CallBytes(3 * DeviceMatrix.BYTES + POINTER + STEPS_BYTES)
        .put(x)
        .put(weight)
        .pointer(bias)
        .put(steps)
        .put(out)
        .toSegment();
  }

  /** {@code ConvolutionCall}; {@code channels} of x, rounded up to a multiple of 8. */
  public static MemorySegment convolution(
      DeviceMatrix x,
      DeviceMatrix filter,
      long bias,
      Steps steps,
      DeviceMatrix out,
      Picture picture,
      int channels) {
    return new CallBytes(3 * DeviceMatrix.BYTES + POINTER + STEPS_BYTES + 8 * WORD)
        .put(x)
        .put(filter)
        .pointer(bias)
        .put(steps)
        .put(out)
        .put(picture.height)
        .put(picture.width)
        .put(picture.outHeight)
        .put(picture.outWidth)
        .put(picture.kernel)
        .put(picture.stride)
        .put(picture.padBefore)
        .put(channels)
        .toSegment();
  }

  /**
   * The operands of attention.
   *
   * @param q (batch · queries, heads · headDim)
   * @param k (batch · keys, keyValueHeads · headDim)
   * @param v as k
   * @param out as q
   * @param bias (heads · queries, keys) or none
   */
  public record AttentionOperands(
      DeviceMatrix q, DeviceMatrix k, DeviceMatrix v, DeviceMatrix out, DeviceMatrix bias) {}

  /**
   * The sizes of attention.
   *
   * @param batch sequences
   * @param queries of a sequence
   * @param keys of a sequence
   * @param quick of these, how many take the quick exponential
   * @param heads of q and out
   * @param keyValueHeads of k and v
   * @param headDim features of a head
   */
  public record AttentionSizes(
      int batch, int queries, int keys, int quick, int heads, int keyValueHeads, int headDim) {}

  /** {@code AttentionCall}; {@code first} and {@code end} of each sequence if it is causal. */
  public static MemorySegment attention(
      AttentionOperands operands,
      AttentionSizes sizes,
      boolean causal,
      float scale,
      int[] first,
      int[] end) {
    return new CallBytes(5 * DeviceMatrix.BYTES + (10 + 2 * MOST_SEQUENCES) * WORD)
        .put(operands.q)
        .put(operands.k)
        .put(operands.v)
        .put(operands.out)
        .put(operands.bias)
        .put(sizes.batch)
        .put(sizes.queries)
        .put(sizes.keys)
        .put(sizes.quick)
        .put(sizes.heads)
        .put(sizes.keyValueHeads)
        .put(sizes.headDim)
        .put(causal ? 1 : 0)
        .put(scale)
        .put(first, MOST_SEQUENCES)
        .put(end, MOST_SEQUENCES)
        .put(0)
        .toSegment();
  }

  /**
   * The head norm and the pairs of a rotation.
   *
   * @param weight address of the weight of the norm, 0 for no norm
   * @param eps of the norm
   * @param heads of x
   * @param order 0 weighs before it rounds, 1 rounds before
   * @param pairing 0 adjacent features, 1 halves
   */
  public record Rotation(long weight, float eps, int heads, int order, int pairing) {}

  /** {@code RotationCall}. */
  public static MemorySegment rotation(
      DeviceMatrix x, DeviceMatrix out, DeviceMatrix cos, DeviceMatrix sin, Rotation rotation) {
    return new CallBytes(4 * DeviceMatrix.BYTES + POINTER + 4 * WORD)
        .put(x)
        .put(out)
        .put(cos)
        .put(sin)
        .pointer(rotation.weight)
        .put(rotation.eps)
        .put(rotation.heads)
        .put(rotation.order)
        .put(rotation.pairing)
        .toSegment();
  }

  /** {@code RmsNormCall}. */
  public static MemorySegment rmsNorm(DeviceMatrix x, DeviceMatrix out, long weight, float eps) {
    return new CallBytes(2 * DeviceMatrix.BYTES + POINTER + 2 * WORD)
        .put(x)
        .put(out)
        .pointer(weight)
        .put(eps)
        .put(0)
        .toSegment();
  }

  /** {@code LayerNormCall}. */
  public static MemorySegment layerNorm(
      DeviceMatrix x, DeviceMatrix out, long weight, long bias, float eps) {
    return new CallBytes(2 * DeviceMatrix.BYTES + 2 * POINTER + 2 * WORD)
        .put(x)
        .put(out)
        .pointer(weight)
        .pointer(bias)
        .put(eps)
        .put(0)
        .toSegment();
  }

  /** {@code ModulationCall}. */
  public static MemorySegment modulation(
      DeviceMatrix x, DeviceMatrix shift, DeviceMatrix scale, DeviceMatrix out, float eps) {
    return new CallBytes(4 * DeviceMatrix.BYTES + 2 * WORD)
        .put(x)
        .put(shift)
        .put(scale)
        .put(out)
        .put(eps)
        .put(0)
        .toSegment();
  }

  /**
   * The parameters of a group norm.
   *
   * @param weight address of (C)
   * @param bias address of (C)
   * @param statistics address of (batch, groups, splits, 2)
   * @param batch pictures
   * @param pixels of a picture
   * @param groups of channels
   * @param splits runs of pixels
   * @param eps added to the variance
   * @param activation {@link Steps#STORE} or {@link Steps#SILU}
   */
  public record Grouping(
      long weight,
      long bias,
      long statistics,
      int batch,
      int pixels,
      int groups,
      int splits,
      float eps,
      int activation) {}

  /** {@code GroupNormCall}. */
  public static MemorySegment groupNorm(DeviceMatrix x, DeviceMatrix out, Grouping grouping) {
    return new CallBytes(2 * DeviceMatrix.BYTES + 3 * POINTER + 6 * WORD)
        .put(x)
        .put(out)
        .pointer(grouping.weight)
        .pointer(grouping.bias)
        .pointer(grouping.statistics)
        .put(grouping.batch)
        .put(grouping.pixels)
        .put(grouping.groups)
        .put(grouping.splits)
        .put(grouping.eps)
        .put(grouping.activation)
        .toSegment();
  }

  /** {@code UpsampleCall}; sizes of x. */
  public static MemorySegment upsample(
      DeviceMatrix x, DeviceMatrix out, int batch, int height, int width) {
    return new CallBytes(2 * DeviceMatrix.BYTES + 4 * WORD)
        .put(x)
        .put(out)
        .put(batch)
        .put(height)
        .put(width)
        .put(0)
        .toSegment();
  }

  /** {@code EmbeddingCall}. */
  public static MemorySegment embedding(DeviceMatrix ids, DeviceMatrix table, DeviceMatrix out) {
    return new CallBytes(3 * DeviceMatrix.BYTES).put(ids).put(table).put(out).toSegment();
  }

  /** {@code BlendCall}. */
  public static MemorySegment blend(
      DeviceMatrix kept, DeviceMatrix repainted, DeviceMatrix mask, DeviceMatrix out) {
    return new CallBytes(4 * DeviceMatrix.BYTES)
        .put(kept)
        .put(repainted)
        .put(mask)
        .put(out)
        .toSegment();
  }

  /** {@code ElementwiseCall}. */
  public static MemorySegment elementwise(
      DeviceMatrix a, DeviceMatrix b, DeviceMatrix out, float factor) {
    return new CallBytes(3 * DeviceMatrix.BYTES + 2 * WORD)
        .put(a)
        .put(b)
        .put(out)
        .put(factor)
        .put(0)
        .toSegment();
  }
}
