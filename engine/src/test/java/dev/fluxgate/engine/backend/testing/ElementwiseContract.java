package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ops on single elements and rows, and the way in and out. */
interface ElementwiseContract extends ContractSubject {
  List<Shape> SIZES =
      List.of(
          Shape.of(1, 1),
          Shape.of(3, 7),
          Shape.of(7, 13),
          Shape.of(2, 127),
          Shape.of(13, 207),
          Shape.of(3, 1025));

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "BF16", "I32"})
  default void bringsBackWhatWasUploaded(DType type) {
    HostTensor values = HostTensor.zeros(type, Shape.of(3, 2, 7));
    for (int i = 0; i < values.data().byteSize(); i++) {
      values.data().set(ValueLayout.JAVA_BYTE, i, (byte) (37 * i));
    }
    for (Layout layout : Layout.values()) {
      try (Stage stage = new Stage(subject(), DType.F32, type, layout)) {
        HostTensor back = subject().download(stage.input(values));
        assertThat(back.dtype()).isEqualTo(type);
        assertThat(back.shape()).isEqualTo(values.shape());
        assertThat(back.data().mismatch(values.data())).isEqualTo(-1);
      }
    }
  }

  @ComputeTypes
  default void copiesBetweenTypes(DType type) {
    for (Shape size : SIZES) {
      for (DType from : new DType[] {DType.F32, DType.BF16}) {
        Trial trial = trial(type);
        HostTensor x = trial.uniform(from, 0, 3, size.dim(0), size.dim(1));
        trial.compareExactly(stage -> {
          Tensor out = stage.output(size.dim(0), size.dim(1));
          stage.backend().copy(stage.input(x), out);
          return out;
        });
      }
    }
  }

  @ComputeTypes
  default void appliesSilu(DType type) {
    for (Shape size : SIZES) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(type, 0, 20, size.dim(0), size.dim(1));
      trial.compare(
          Tolerance.reduction(1, 20),
          stage -> {
            Tensor out = stage.output(size.dim(0), size.dim(1));
            stage.backend().silu(stage.input(x), out);
            return out;
          });
      trial.compare(
          Tolerance.reduction(1, 20),
          stage -> {
            Tensor out = stage.inPlace(x);
            stage.backend().silu(out, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void keepsSiluFiniteAtTheEnds(DType type) {
    HostTensor x =
        HostTensor.of(type, Shape.of(1, 8), -1e30f, -1000, -100, -88, 88, 100, 1000, 1e30f);
    HostTensor out =
        trial(type)
            .play(stage -> {
              Tensor result = stage.output(1, 8);
              stage.backend().silu(stage.input(x), result);
              return result;
            });
    for (int i = 0; i < 4; i++) {
      assertThat(Math.abs(out.get(i))).isLessThan(1e-30f);
      assertThat(out.get(4 + i)).isEqualTo(x.get(4 + i));
    }
  }

  @ComputeTypes
  default void looksUpRows(DType type) {
    for (int width : new int[] {1, 7, 13, 127, 1025}) {
      Trial trial = trial(type);
      HostTensor table = trial.uniform(DType.F32, 0, 1, 13, width);
      HostTensor ids = HostTensor.ofInts(Shape.of(7), 12, 0, 5, 5, 1, 11, 12);
      trial.compareExactly(stage -> {
        Tensor out = stage.output(7, width);
        stage.backend().embed(stage.input(ids), stage.weights().embedding(table), out);
        return out;
      });
    }
  }

  @ComputeTypes
  default void takesAnEulerStep(DType type) {
    for (Shape size : SIZES) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(type, 0, 3, size.dim(0), size.dim(1));
      HostTensor velocity = trial.uniform(size.dim(0), size.dim(1));
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.output(size.dim(0), size.dim(1));
            stage.backend().eulerStep(stage.input(x), stage.input(velocity), -0.0326f, out);
            return out;
          });
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.inPlace(x);
            stage.backend().eulerStep(out, stage.input(velocity), -0.767f, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void guidesWithoutAClassifier(DType type) {
    for (Shape size : SIZES) {
      Trial trial = trial(type);
      HostTensor negative = trial.uniform(size.dim(0), size.dim(1));
      HostTensor positive = trial.uniform(size.dim(0), size.dim(1));
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.output(size.dim(0), size.dim(1));
            stage.backend().guide(stage.input(negative), stage.input(positive), 4.1f, out);
            return out;
          });
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.inPlace(negative);
            stage.backend().guide(out, stage.input(positive), 4.1f, out);
            return out;
          });
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.inPlace(positive);
            stage.backend().guide(stage.input(negative), out, 4.1f, out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void addsElements(DType type) {
    for (Shape size : SIZES) {
      Trial trial = trial(type);
      HostTensor x = trial.uniform(type, 0, 3, size.dim(0), size.dim(1));
      HostTensor y = trial.uniform(size.dim(0), size.dim(1));
      trial.compareExactly(stage -> {
        Tensor out = stage.output(size.dim(0), size.dim(1));
        stage.backend().add(stage.input(x), stage.input(y), out);
        return out;
      });
      trial.compareExactly(stage -> {
        Tensor out = stage.inPlace(x);
        stage.backend().add(out, stage.input(y), out);
        return out;
      });
      trial.compareExactly(stage -> {
        Tensor out = stage.inPlace(y);
        stage.backend().add(stage.input(x), out, out);
        return out;
      });
      trial.compareExactly(stage -> {
        Tensor out = stage.inPlace(y);
        stage.backend().add(out, out, out);
        return out;
      });
    }
  }

  @ComputeTypes
  default void blendsRowsByTheirMask(DType type) {
    for (Shape size : SIZES) {
      Trial trial = trial(type);
      HostTensor kept = trial.uniform(type, 0, 3, size.dim(0), size.dim(1));
      HostTensor repainted = trial.uniform(size.dim(0), size.dim(1));
      HostTensor mask = trial.uniform(type, 0.5f, 0.5f, size.dim(0), 1);
      mask.set(size.dim(0) - 1, 1);
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.output(size.dim(0), size.dim(1));
            stage
                .backend()
                .blend(stage.input(kept), stage.input(repainted), stage.input(mask), out);
            return out;
          });
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.inPlace(kept);
            stage.backend().blend(out, stage.input(repainted), stage.input(mask), out);
            return out;
          });
      compareRoundings(
          trial,
          stage -> {
            Tensor out = stage.inPlace(repainted);
            stage.backend().blend(stage.input(kept), out, stage.input(mask), out);
            return out;
          });
    }
  }

  @ComputeTypes
  default void keepsAndReplacesWholeRowsAsTheyAre(DType type) {
    HostTensor kept = HostTensor.of(type, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    HostTensor repainted = HostTensor.of(type, Shape.of(2, 3), 7, 8, 9, 10, 11, 12);
    HostTensor mask = HostTensor.of(type, Shape.of(2, 1), 0, 1);
    HostTensor out =
        trial(type)
            .play(stage -> {
              Tensor result = stage.output(2, 3);
              stage
                  .backend()
                  .blend(stage.input(kept), stage.input(repainted), stage.input(mask), result);
              return result;
            });
    assertThat(out.toFloats()).containsExactly(1, 2, 3, 10, 11, 12);
  }

  /** In bfloat16 every rounding is laid down; in float32 a multiplication may be fused. */
  private static void compareRoundings(Trial trial, Scene scene) {
    if (trial.type() == DType.BF16) {
      trial.compareExactly(scene);
    } else {
      trial.compare(Tolerance.reduction(2, 4), scene);
    }
  }
}
