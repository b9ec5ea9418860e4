package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights in device memory, each in blocks of its own; what came from a mapped file leaves the
 * host's memory.
 */
final class CudaWeights implements WeightStore {
  private final CudaDevice device;
  private final DType computeType;
  private final WeightContents contents;
  private final List<DeviceBlock> blocks = new ArrayList<>();
  private long residentBytes;
  private boolean closed;

  CudaWeights(CudaDevice device, DType computeType, WeightContents contents) {
    this.device = device;
    this.computeType = computeType;
    this.contents = contents;
  }

  @Override
  public DType computeType() {
    return computeType;
  }

  @Override
  public Weight.Linear linear(HostTensor weight, @Nullable HostTensor bias) {
    OpShapes.linearWeight(weight, bias);
    requireOpen();
    long before = residentBytes;
    Shape shape = weight.shape();
    DeviceMatrix matrix = matrix(WeightLayout.matrix(shape), weight);
    long biasAddress = bias == null ? 0 : values(bias);
    return new CudaWeight.Linear(
        shape.size(1), shape.size(0), computeType, matrix, biasAddress, residentBytes - before);
  }

  @Override
  public Weight.Convolution convolution(HostTensor filter, @Nullable HostTensor bias) {
    OpShapes.convolutionWeight(filter, bias);
    requireOpen();
    long before = residentBytes;
    Shape shape = filter.shape();
    WeightLayout layout = WeightLayout.filter(shape);
    DeviceMatrix matrix = matrix(layout, filter);
    long biasAddress = bias == null ? 0 : values(bias);
    return new CudaWeight.Convolution(
        shape.size(1),
        shape.size(0),
        shape.size(2),
        computeType,
        layout,
        matrix,
        biasAddress,
        residentBytes - before);
  }

  @Override
  public Weight.Embedding embedding(HostTensor table) {
    OpShapes.embeddingWeight(table);
    requireOpen();
    long before = residentBytes;
    DeviceMatrix matrix = matrix(WeightLayout.table(table.shape()), table);
    return new CudaWeight.Embedding(matrix, residentBytes - before);
  }

  @Override
  public Weight.Vector vector(HostTensor values) {
    OpShapes.vectorWeight(values);
    requireOpen();
    long before = residentBytes;
    long address = values(values);
    return new CudaWeight.Vector(values.shape().size(0), address, residentBytes - before);
  }

  @Override
  public long residentBytes() {
    return residentBytes;
  }

  @Override
  public void close() {
    closed = true;
    residentBytes = 0;
    device.release(List.copyOf(blocks));
    blocks.clear();
  }

  private DeviceMatrix matrix(WeightLayout layout, HostTensor stored) {
    DeviceBlock block = take(computeType.bytes((long) layout.rows() * layout.columns()));
    contents.rows(block, layout, stored);
    stored.unload();
    return DeviceMatrix.at(block.address(), layout.rows(), layout.columns(), computeType);
  }

  private long values(HostTensor stored) {
    DeviceBlock block = take(Float.BYTES * stored.shape().count());
    contents.values(block, stored);
    return block.address();
  }

  private DeviceBlock take(long bytes) {
    DeviceBlock block = device.acquire(bytes);
    blocks.add(block);
    residentBytes += block.capacity();
    return block;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("weight store: closed (expected: open)");
    }
  }
}
