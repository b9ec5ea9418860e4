package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Weights as float32 arrays on the heap, rounded to the compute type. */
final class ReferenceWeights implements WeightStore {
  private final DType computeType;
  private long residentBytes;
  private boolean closed;

  ReferenceWeights(DType computeType) {
    if (!computeType.isCompute()) {
      throw new IllegalArgumentException(
          "compute type: " + computeType + " (expected: F32 or BF16)");
    }
    this.computeType = computeType;
  }

  /** A matrix, row-major (out, in); a missing bias is zeros. */
  static final class Matrix implements Weight.Linear {
    final float[] values;
    final float[] bias;

    private Matrix(float[] values, float[] bias) {
      this.values = values;
      this.bias = bias;
    }

    @Override
    public int inFeatures() {
      return values.length / bias.length;
    }

    @Override
    public int outFeatures() {
      return bias.length;
    }

    @Override
    public long residentBytes() {
      return bytes(values) + bytes(bias);
    }
  }

  /** A filter, turned to (out, kh, kw, in), so that the channels of a pixel lie together. */
  static final class Filter implements Weight.Convolution {
    final float[] values;
    final float[] bias;
    private final int kernelSize;

    private Filter(float[] values, float[] bias, int kernelSize) {
      this.values = values;
      this.bias = bias;
      this.kernelSize = kernelSize;
    }

    @Override
    public int inChannels() {
      return values.length / (bias.length * kernelSize * kernelSize);
    }

    @Override
    public int outChannels() {
      return bias.length;
    }

    @Override
    public int kernelSize() {
      return kernelSize;
    }

    @Override
    public long residentBytes() {
      return bytes(values) + bytes(bias);
    }
  }

  /** A table, row-major (vocabulary, width). */
  static final class Table implements Weight.Embedding {
    final float[] values;
    private final int width;

    private Table(float[] values, int width) {
      this.values = values;
      this.width = width;
    }

    @Override
    public int vocabulary() {
      return values.length / width;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public long residentBytes() {
      return bytes(values);
    }
  }

  /** One value per channel. */
  static final class Channels implements Weight.Vector {
    final float[] values;

    private Channels(float[] values) {
      this.values = values;
    }

    @Override
    public int size() {
      return values.length;
    }

    @Override
    public long residentBytes() {
      return bytes(values);
    }
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public Weight.Linear linear(HostTensor weight, @Nullable HostTensor bias) {
    OpShapes.linearWeight(weight, bias);
    return keep(new Matrix(rounded(weight), biasOf(weight, bias)));
  }

  @Override
  public Weight.Convolution convolution(HostTensor filter, @Nullable HostTensor bias) {
    OpShapes.convolutionWeight(filter, bias);
    Shape shape = filter.shape();
    float[] stored = rounded(filter);
    float[] turned = new float[stored.length];
    int channels = shape.size(1);
    int taps = shape.size(2) * shape.size(3);
    for (int i = 0; i < stored.length; i++) {
      int out = i / (channels * taps);
      int channel = i / taps % channels;
      turned[(out * taps + i % taps) * channels + channel] = stored[i];
    }
    return keep(new Filter(turned, biasOf(filter, bias), shape.size(2)));
  }

  @Override
  public Weight.Embedding embedding(HostTensor table) {
    OpShapes.embeddingWeight(table);
    return keep(new Table(rounded(table), table.shape().size(1)));
  }

  @Override
  public Weight.Vector vector(HostTensor values) {
    OpShapes.vectorWeight(values);
    return keep(new Channels(rounded(values)));
  }

  @Override
  public long residentBytes() {
    return residentBytes;
  }

  @Override
  public void close() {
    closed = true;
    residentBytes = 0;
  }

  private <W extends Weight> W keep(W weight) {
    if (closed) {
      throw new IllegalStateException("weight store: closed (expected: open)");
    }
    residentBytes += weight.residentBytes();
    return weight;
  }

  private float[] biasOf(HostTensor weight, @Nullable HostTensor bias) {
    return bias == null ? new float[weight.shape().size(0)] : rounded(bias);
  }

  private float[] rounded(HostTensor stored) {
    float[] values = new float[Math.toIntExact(stored.shape().count())];
    for (int i = 0; i < values.length; i++) {
      values[i] = Rounding.round(computeType, stored.getDouble(i));
    }
    return values;
  }

  private static long bytes(float[] values) {
    return (long) Float.BYTES * values.length;
  }
}
