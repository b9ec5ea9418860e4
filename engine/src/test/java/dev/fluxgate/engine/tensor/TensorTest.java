package dev.fluxgate.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class TensorTest {
  private final Tensor tensor =
      Tensor.of(DType.F32, Shape.of(3, 4), new Storage.Planned(Float.BYTES * 12));

  @Test
  void viewsRows() {
    Tensor rows = tensor.rows(1, 2);
    assertThat(rows.shape()).isEqualTo(Shape.of(2, 4));
    assertThat(rows.offset()).isEqualTo(4);
    assertThat(rows.isContiguous()).isTrue();
  }

  @Test
  void viewsColumns() {
    Tensor columns = tensor.columns(1, 2);
    assertThat(columns.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(columns.offset()).isEqualTo(1);
    assertThat(columns.rowStride()).isEqualTo(4);
    assertThat(columns.isContiguous()).isFalse();
  }

  @Test
  void viewsColumnsOfRowsOfColumns() {
    Tensor view = tensor.columns(1, 3).rows(2, 1).columns(1, 2);
    assertThat(view.offset()).isEqualTo(2 * 4 + 1 + 1);
    assertThat(view.isContiguous()).as("one row").isTrue();
    assertThat(view.rows()).isEqualTo(1);
    assertThat(view.columns()).isEqualTo(2);
  }

  @Test
  void viewsNothingAtTheEnd() {
    assertThat(tensor.rows(3, 0).shape()).isEqualTo(Shape.of(0, 4));
    assertThat(tensor.columns(4, 0).shape()).isEqualTo(Shape.of(3, 0));
  }

  @Test
  void takesTheRowsOfAnyRank() {
    Tensor picture = tensor.reshape(1, 2, 3, 2);
    assertThat(picture.rows()).isEqualTo(6);
    assertThat(picture.columns()).isEqualTo(2);
    assertThat(picture.rowStride()).isEqualTo(2);
    assertThat(picture.rows(2, 3).shape()).isEqualTo(Shape.of(3, 2));
  }

  @Test
  void refusesViewsBeyondItself() {
    assertThatThrownBy(() -> tensor.rows(2, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessage("rows: [2, 4) (expected: within 0..3)");
    assertThatThrownBy(() -> tensor.columns(-1, 2))
        .isInstanceOf(IndexOutOfBoundsException.class)
        .hasMessageContaining("columns: [-1, 1)");
    assertThatThrownBy(() -> tensor.columns(1, Integer.MAX_VALUE))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesToReshapeSpacedRowsOrOtherCounts() {
    Tensor columns = tensor.columns(0, 2);
    assertThatThrownBy(() -> columns.reshape(6))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[3, 2] to [6]");
    assertThatThrownBy(() -> tensor.reshape(5, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[3, 4] to [5, 2]");
  }

  @Test
  void refusesToLeaveItsStorage() {
    Storage storage = new Storage.Planned(44);
    assertThatThrownBy(() -> Tensor.of(DType.F32, Shape.of(3, 4), storage))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("byte 48")
        .hasMessageContaining("44 bytes");
    Tensor last = new Tensor(DType.F32, Shape.of(2, 3), 8, 0, storage);
    assertThat(last.isContiguous()).isFalse();
  }

  @Test
  void refusesOverlappingRowsAndScalars() {
    Storage storage = new Storage.Planned(64);
    Shape shape = Shape.of(2, 3);
    assertThatThrownBy(() -> new Tensor(DType.F32, shape, 2, 0, storage))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row stride: 2");
    assertThatThrownBy(() -> new Tensor(DType.F32, shape, 3, -1, storage))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("offset: -1");
    Shape scalar = Shape.of();
    assertThatThrownBy(() -> Tensor.of(DType.F32, scalar, storage))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rank >= 1");
  }

  @Test
  void tellsWhetherViewsOfTheHostShareMemory() {
    Tensor whole = host(HostTensor.zeros(DType.F32, Shape.of(4, 6)));
    tellsWhetherViewsShareMemory(whole);
    assertThat(whole.overlaps(host(HostTensor.zeros(DType.F32, Shape.of(4, 6)))))
        .as("another array")
        .isFalse();
  }

  @Test
  void tellsWhetherViewsOfADeviceShareMemory() {
    Shape shape = Shape.of(4, 6);
    Tensor whole = Tensor.of(DType.F32, shape, new Storage.Device(4096, 96));
    tellsWhetherViewsShareMemory(whole);
    Tensor behind = Tensor.of(DType.F32, shape, new Storage.Device(4096 + 96, 96));
    assertThat(whole.overlaps(behind)).as("another storage").isFalse();
    assertThat(whole.overlaps(Tensor.of(DType.F32, shape, new Storage.Device(4096 + 92, 96))))
        .isTrue();
    assertThat(whole.overlaps(host(HostTensor.zeros(DType.F32, shape)))).isFalse();
  }

  private void tellsWhetherViewsShareMemory(Tensor whole) {
    Tensor left = whole.columns(0, 3);
    Tensor right = whole.columns(3, 3);
    assertThat(left.overlaps(right)).as("columns side by side").isFalse();
    assertThat(right.overlaps(left)).isFalse();
    assertThat(left.overlaps(whole.columns(2, 2))).isTrue();
    assertThat(whole.columns(2, 2).overlaps(left)).isTrue();
    assertThat(left.overlaps(whole)).isTrue();
    assertThat(whole.rows(0, 2).overlaps(whole.rows(2, 2))).as("rows apart").isFalse();
    assertThat(whole.rows(0, 2).overlaps(whole.rows(1, 1))).isTrue();
    assertThat(left.rows(1, 3).overlaps(right.rows(0, 2))).as("both apart").isFalse();
    assertThat(whole.overlaps(whole.rows(2, 0))).as("nothing").isFalse();
    assertThat(tensor.overlaps(tensor)).as("no memory yet").isFalse();
  }

  @Test
  void knowsTheSameViewUnderAnotherShape() {
    Tensor whole = host(HostTensor.zeros(DType.F32, Shape.of(4, 6)));
    assertThat(whole.isSameView(whole.reshape(2, 2, 6))).isTrue();
    assertThat(whole.isSameView(whole.rows(0, 4))).isTrue();
    assertThat(whole.isSameView(whole.rows(0, 3))).isFalse();
    assertThat(whole.columns(0, 3).isSameView(whole.columns(3, 3))).isFalse();
  }

  private static Tensor host(HostTensor values) {
    return Tensor.of(values.dtype(), values.shape(), new Storage.Host(values.data()));
  }
}
