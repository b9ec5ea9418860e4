package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Random;

/** A back end with the random operands of one benchmark, and their lifetime. */
final class BenchmarkScope implements AutoCloseable {
  private static final long BYTES = 1L << 28;

  private final Random random = new Random(1);
  private final DType type;
  private final Backend backend;
  private final WeightStore weights;
  private final Workspace workspace;

  BenchmarkScope(BackendKind kind, DType type) {
    this.type = type;
    this.backend = kind.open();
    this.weights = backend.weights(type);
    this.workspace = backend.workspace(BYTES);
  }

  Backend backend() {
    return backend;
  }

  WeightStore weights() {
    return weights;
  }

  /** Values as they would be stored, uniform in [−1, 1) and scaled. */
  HostTensor stored(double scale, long... dims) {
    HostTensor values = HostTensor.zeros(type, Shape.of(dims));
    for (long i = 0; i < values.shape().count(); i++) {
      values.set(i, (float) (scale * (2 * random.nextFloat() - 1)));
    }
    return values;
  }

  /** Activations in the memory of the back end. */
  Tensor activations(long... dims) {
    return upload(stored(1, dims));
  }

  /** Cosines or sines of no particular angles. */
  Tensor angles(long... dims) {
    return upload(stored(1, dims).to(DType.F32));
  }

  @Override
  public void close() {
    workspace.close();
    weights.close();
    backend.close();
  }

  private Tensor upload(HostTensor values) {
    Tensor tensor = workspace.tensor(values.dtype(), values.shape());
    backend.upload(values, tensor);
    return tensor;
  }
}
