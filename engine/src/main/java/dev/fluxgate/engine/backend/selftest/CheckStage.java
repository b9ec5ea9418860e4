package dev.fluxgate.engine.backend.selftest;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Inputs and outputs of one call on one back end; equal seeds give equal inputs. */
final class CheckStage implements AutoCloseable {
  private final Backend backend;
  private final WeightStore weights;
  private final DType type;
  private final SplittableRandom random;
  private final List<Workspace> workspaces = new ArrayList<>();

  CheckStage(Backend backend, DType type, long seed) {
    this.backend = backend;
    this.type = type;
    this.weights = backend.weights(type);
    this.random = new SplittableRandom(seed);
  }

  Backend backend() {
    return backend;
  }

  WeightStore weights() {
    return weights;
  }

  /** Values uniform in [−1, 1), on the host. */
  HostTensor values(long... dims) {
    HostTensor values = HostTensor.zeros(type, Shape.of(dims));
    for (long i = 0; i < values.shape().count(); i++) {
      values.set(i, 2 * (float) random.nextDouble() - 1);
    }
    return values;
  }

  /** Values uniform in [−1, 1), on the device. */
  Tensor input(long... dims) {
    return place(values(dims));
  }

  /** The same in a range of columns of a wider tensor, at an odd offset. */
  Tensor spacedInput(long rows, long columns) {
    return place(values(rows, columns + 3)).columns(1, Math.toIntExact(columns));
  }

  /** These values on the device. */
  Tensor place(HostTensor values) {
    Tensor tensor = memory(values.dtype(), values.shape());
    backend.upload(values, tensor);
    return tensor;
  }

  /** A tensor of not-a-number, all of which the op must overwrite. */
  Tensor output(long... dims) {
    HostTensor nothing = HostTensor.zeros(type, Shape.of(dims));
    for (long i = 0; i < nothing.shape().count(); i++) {
      nothing.set(i, Float.NaN);
    }
    return place(nothing);
  }

  private Tensor memory(DType dtype, Shape shape) {
    Workspace workspace = backend.workspace(dtype.bytes(shape.count()) + Workspace.ALIGNMENT);
    workspaces.add(workspace);
    return workspace.tensor(dtype, shape);
  }

  @Override
  public void close() {
    weights.close();
    workspaces.forEach(Workspace::close);
  }
}
