package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * One back end with the memory and weights of one scene. Remembers what it placed, to see
 * afterwards that nothing was written which should not be.
 */
final class Stage implements AutoCloseable {
  private static final int BEFORE = 3;
  private static final int AFTER = 5;

  private final Backend backend;
  private final WeightStore weights;
  private final DType storeType;
  private final Layout layout;
  private final List<Workspace> workspaces = new ArrayList<>();
  private final List<Placed> placed = new ArrayList<>();

  /** Outputs are stored in {@code storeType}, which the oracle takes wider than the subject. */
  Stage(Backend backend, DType computeType, DType storeType, Layout layout) {
    this.backend = backend;
    this.weights = backend.weights(computeType);
    this.storeType = storeType;
    this.layout = layout;
  }

  /**
   * A tensor as it was placed.
   *
   * @param whole the tensor with the columns beside it
   * @param before its contents before the op
   * @param from first column that may be written
   * @param count how many columns may be written
   */
  private record Placed(Tensor whole, HostTensor before, int from, int count) {}

  Backend backend() {
    return backend;
  }

  WeightStore weights() {
    return weights;
  }

  /** A tensor of these values that the op must not write. */
  Tensor input(HostTensor values) {
    return place(values, false);
  }

  /** A tensor of these values that the op may write. */
  Tensor inPlace(HostTensor values) {
    return place(values.to(storeType), true);
  }

  /** A tensor of not-a-number, all of which the op must overwrite. */
  Tensor output(long... dims) {
    Shape shape = Shape.of(dims);
    HostTensor nothing = HostTensor.zeros(storeType, shape);
    for (long i = 0; i < shape.count(); i++) {
      nothing.set(i, Float.NaN);
    }
    return place(nothing, true);
  }

  /** Sees that every input, and every column beside an output, is as it was. */
  void checkNothingElseWritten() {
    for (Placed tensor : placed) {
      HostTensor after = backend.download(tensor.whole());
      int columns = tensor.whole().columns();
      for (int row = 0; row < tensor.whole().rows(); row++) {
        long start = (long) row * columns;
        checkSame(tensor, after, start, tensor.from());
        int end = tensor.from() + tensor.count();
        checkSame(tensor, after, start + end, columns - end);
      }
    }
  }

  @Override
  public void close() {
    weights.close();
    workspaces.forEach(Workspace::close);
  }

  private static void checkSame(Placed tensor, HostTensor after, long from, long count) {
    DType type = after.dtype();
    long mismatch =
        after
            .data()
            .asSlice(type.bytes(from), type.bytes(count))
            .mismatch(tensor.before().data().asSlice(type.bytes(from), type.bytes(count)));
    assertThat(mismatch)
        .as("first byte written outside of the output, in %s", tensor.whole().shape())
        .isEqualTo(-1);
  }

  private Tensor place(HostTensor values, boolean written) {
    int before = layout == Layout.SPACED ? BEFORE : 0;
    int after = layout == Layout.SPACED ? AFTER : 0;
    Shape shape = values.shape();
    int columns = Math.toIntExact(shape.columns());
    int width = before + columns + after;
    HostTensor wide = HostTensor.zeros(values.dtype(), Shape.of(shape.rows(), width));
    DType type = values.dtype();
    for (long row = 0; row < shape.rows(); row++) {
      wide.data()
          .asSlice(type.bytes(row * width + before), type.bytes(columns))
          .copyFrom(values.data().asSlice(type.bytes(row * columns), type.bytes(columns)));
    }
    Workspace workspace = backend.workspace(type.bytes(wide.shape().count()) + Workspace.ALIGNMENT);
    workspaces.add(workspace);
    Tensor whole = workspace.tensor(type, wide.shape());
    backend.upload(wide, whole);
    placed.add(new Placed(whole, wide, before, written ? columns : 0));
    return new Tensor(type, shape, width, whole.offset() + before, whole.storage());
  }
}
