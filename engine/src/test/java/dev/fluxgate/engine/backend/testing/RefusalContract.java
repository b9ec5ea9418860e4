package dev.fluxgate.engine.backend.testing;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.AttentionMask.KeyRange;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Shapes that do not fit are refused by every op, with the op and both shapes. */
interface RefusalContract extends ContractSubject {

  @Test
  default void refusesTransfersThatDoNotFit() {
    refuses(
        stage -> stage.backend().upload(zeros(2, 3), stage.output(2, 4)),
        "upload",
        "[2, 3]",
        "[2, 4]");
    refuses(
        stage ->
            stage
                .backend()
                .upload(HostTensor.zeros(DType.BF16, Shape.of(2, 3)), stage.output(2, 3)),
        "upload",
        "BF16",
        "F32");
  }

  @Test
  default void refusesProductsThatDoNotFit() {
    refuses(
        stage -> linear(stage, 2, 5, Epilogue.NONE, stage.output(2, 3)),
        "linear",
        "[2, 5]",
        "[3, 4]");
    refuses(
        stage -> linear(stage, 2, 4, Epilogue.NONE, stage.output(2, 4)),
        "linear",
        "[2, 4]",
        "[3, 4]");
    refuses(
        stage -> linear(stage, 2, 4, Epilogue.NONE, stage.output(1, 3)),
        "linear",
        "[1, 3]",
        "[2, 4]");
    refuses(
        stage ->
            linear(stage, 2, 4, new Epilogue.Add(stage.input(zeros(1, 3))), stage.output(2, 3)),
        "linear",
        "residual [1, 3]",
        "[2, 3]");
    refuses(
        stage ->
            linear(
                stage, 2, 4, new Epilogue.Multiply(stage.input(zeros(2, 4))), stage.output(2, 3)),
        "linear",
        "factor [2, 4]",
        "[2, 3]");
    refuses(
        stage -> linear(stage, 2, 4, new Epilogue.AddBias(vector(stage, 4)), stage.output(2, 3)),
        "linear",
        "bias [4]",
        "[2, 3]");
    refuses(
        stage -> {
          Tensor residual = stage.input(zeros(2, 3));
          Tensor gate = stage.input(zeros(2, 3));
          linear(stage, 2, 4, new Epilogue.GatedAdd(gate, residual), stage.output(2, 3));
        },
        "linear",
        "gate [2, 3]",
        "[1, 3]");
  }

  @Test
  default void refusesConvolutionsThatDoNotFit() {
    ConvolutionGeometry same = new ConvolutionGeometry(1, 1, 1);
    refuses(
        stage -> convolve(stage, zeros(1, 4, 4, 3), same, Epilogue.NONE, stage.output(1, 4, 4, 5)),
        "convolve",
        "[1, 4, 4, 3]",
        "[5, 2, 3, 3]");
    refuses(
        stage -> convolve(stage, zeros(1, 4, 4, 2), same, Epilogue.NONE, stage.output(1, 4, 3, 5)),
        "convolve",
        "[1, 4, 3, 5]",
        "[1, 4, 4, 5]");
    refuses(
        stage -> convolve(stage, zeros(16, 2), same, Epilogue.NONE, stage.output(1, 4, 4, 5)),
        "convolve",
        "[16, 2]");
    refuses(
        stage ->
            convolve(
                stage,
                zeros(1, 2, 2, 2),
                new ConvolutionGeometry(2, 0, 0),
                Epilogue.NONE,
                stage.output(1, 1, 1, 5)),
        "convolve",
        "[1, 2, 2, 2]",
        "[5, 2, 3, 3]");
    refuses(
        stage -> convolve(stage, zeros(1, 4, 4, 2), same, Epilogue.SILU, stage.output(1, 4, 4, 5)),
        "convolve",
        "Silu");
    refuses(
        stage ->
            stage
                .backend()
                .upsampleNearest(stage.input(zeros(1, 2, 2, 3)), stage.output(1, 4, 2, 3)),
        "upsampleNearest",
        "[1, 2, 2, 3]",
        "[1, 4, 2, 3]");
  }

  @Test
  default void refusesAttentionThatDoesNotFit() {
    AttentionGeometry geometry = new AttentionGeometry(1, 3, 5, 2, 1, 8);
    AttentionMask full = AttentionMask.FULL;
    refuses(
        stage -> attend(stage, zeros(3, 8), zeros(5, 8), geometry, full),
        "attention",
        "q [3, 8]",
        "[3, 16]");
    refuses(
        stage -> attend(stage, zeros(3, 16), zeros(3, 8), geometry, full),
        "attention",
        "k [3, 8]",
        "[5, 8]");
    AttentionMask two = new AttentionMask.Causal(List.of(new KeyRange(0, 1), new KeyRange(0, 1)));
    refuses(
        stage -> attend(stage, zeros(3, 16), zeros(5, 8), geometry, two),
        "attention",
        "2 sequences");
    AttentionMask late = new AttentionMask.Causal(List.of(new KeyRange(0, 6)));
    refuses(
        stage -> attend(stage, zeros(3, 16), zeros(5, 8), geometry, late),
        "attention",
        "end=6",
        "5 keys");
    AttentionMask narrow = new AttentionMask.Causal(List.of(new KeyRange(0, 2)));
    refuses(
        stage -> {
          Tensor keys = stage.input(zeros(2, 8));
          AttentionGeometry fewer = new AttentionGeometry(1, 3, 2, 2, 1, 8);
          stage
              .backend()
              .attention(stage.input(zeros(3, 16)), keys, keys, fewer, narrow, stage.output(3, 16));
        },
        "attention",
        "3 queries",
        "2 keys");
  }

  @Test
  default void refusesBiasesThatDoNotFit() {
    AttentionGeometry geometry = new AttentionGeometry(1, 3, 5, 2, 1, 8);
    refuses(
        stage -> attendBiased(stage, geometry, stage.input(zeros(3, 5))),
        "attention",
        "bias [3, 5]",
        "[6, 5]");
    HostTensor halves = HostTensor.zeros(DType.BF16, Shape.of(6, 5));
    refuses(
        stage -> attendBiased(stage, geometry, stage.input(halves)),
        "attention",
        "bias of BF16",
        "F32");
    HostTensor numbers = HostTensor.zeros(DType.I32, Shape.of(6, 5));
    refuses(
        stage -> attendBiased(stage, geometry, stage.input(numbers)), "attention", "bias of I32");
  }

  private static void attendBiased(Stage stage, AttentionGeometry geometry, Tensor bias) {
    attend(stage, zeros(3, 16), zeros(5, 8), geometry, new AttentionMask.Biased(bias));
  }

  @Test
  default void refusesRotationsThatDoNotFit() {
    refuses(
        stage -> rotate(stage, zeros(6, 12), 3, zeros(4, 2), null), "rotate", "[6, 12]", "[4, 2]");
    refuses(
        stage -> rotate(stage, zeros(6, 12), 3, zeros(6, 3), null), "rotate", "[6, 12]", "[6, 3]");
    refuses(
        stage -> rotate(stage, zeros(6, 9), 3, zeros(6, 1), null), "rotate", "[6, 9]", "3 heads");
    refuses(
        stage -> rotate(stage, zeros(6, 12), 3, zeros(6, 2), zeros(3)), "rotate", "[6, 12]", "[3]");
  }

  @Test
  default void refusesNormsThatDoNotFit() {
    refuses(
        stage ->
            stage
                .backend()
                .rmsNorm(stage.input(zeros(2, 3)), vector(stage, 4), 0, stage.output(2, 3)),
        "rmsNorm",
        "[2, 3]",
        "[4]");
    refuses(
        stage -> {
          Tensor row = stage.input(zeros(1, 3));
          Tensor rows = stage.input(zeros(2, 3));
          stage.backend().modulatedLayerNorm(rows, row, rows, 0, stage.output(2, 3));
        },
        "modulatedLayerNorm",
        "scale [2, 3]",
        "[1, 3]");
    refuses(stage -> layerNorm(stage, 4, 3, stage.output(2, 3)), "layerNorm", "weight [4]");
    refuses(stage -> layerNorm(stage, 3, 4, stage.output(2, 3)), "layerNorm", "bias [4]");
    refuses(stage -> layerNorm(stage, 3, 3, stage.output(3, 3)), "layerNorm", "[2, 3]", "[3, 3]");
    refuses(stage -> groupNorm(stage, 5, 2, Epilogue.NONE), "groupNorm", "[1, 2, 2, 4]", "[5]");
    refuses(
        stage -> groupNorm(stage, 4, 3, Epilogue.NONE), "groupNorm", "[1, 2, 2, 4]", "3 groups");
    refuses(
        stage -> groupNorm(stage, 4, 2, new Epilogue.Add(stage.input(zeros(4, 4)))),
        "groupNorm",
        "Add");
  }

  @Test
  default void refusesElementsThatDoNotFit() {
    refuses(
        stage -> stage.backend().copy(stage.input(zeros(2, 3)), stage.output(3, 2)),
        "copy",
        "[2, 3]",
        "[3, 2]");
    refuses(
        stage -> stage.backend().silu(stage.input(zeros(2, 3)), stage.output(2, 2)),
        "silu",
        "[2, 3]",
        "[2, 2]");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          stage.backend().eulerStep(x, stage.input(zeros(1, 3)), 1, stage.output(2, 3));
        },
        "eulerStep",
        "[2, 3]",
        "[1, 3]");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          stage.backend().guide(x, stage.input(zeros(2, 4)), 1, stage.output(2, 3));
        },
        "guide",
        "[2, 3]",
        "[2, 4]");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          stage.backend().add(x, stage.input(zeros(1, 3)), stage.output(2, 3));
        },
        "add",
        "[2, 3]",
        "[1, 3]");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          stage.backend().blend(x, x, stage.input(zeros(2, 3)), stage.output(2, 3));
        },
        "blend",
        "mask [2, 3]",
        "[2, 1]");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          Tensor mask = stage.input(zeros(2, 1));
          stage.backend().blend(x, stage.input(zeros(3, 3)), mask, stage.output(2, 3));
        },
        "blend",
        "repainted [3, 3]");
  }

  @Test
  default void refusesIdsBeyondTheTable() {
    refuses(
        stage -> embed(stage, HostTensor.ofInts(Shape.of(2), 0, 4)), "embed", "ids[1]: 4", "0..3");
    refuses(stage -> embed(stage, HostTensor.ofInts(Shape.of(2), -1, 0)), "embed", "ids[0]: -1");
    refuses(
        stage -> embed(stage, HostTensor.ofInts(Shape.of(3), 0, 0, 0)), "embed", "[3]", "[2, 5]");
    refuses(stage -> embed(stage, zeros(2)), "embed", "F32", "I32");
  }

  @Test
  default void refusesToWriteOverAnInput() {
    refuses(
        stage -> {
          Tensor wide = stage.input(zeros(2, 6));
          Weight.Linear weight = stage.weights().linear(zeros(3, 4), null);
          stage.backend().linear(wide.columns(0, 4), weight, Epilogue.NONE, wide.columns(3, 3));
        },
        "linear",
        "x [2, 4]",
        "memory of their own");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(3, 16));
          AttentionGeometry geometry = AttentionGeometry.self(3, 2, 8);
          Tensor kv = stage.input(zeros(3, 16));
          stage.backend().attention(x, kv, kv, geometry, AttentionMask.FULL, x);
        },
        "attention",
        "q [3, 16]",
        "memory of their own");
    refuses(
        stage -> {
          Tensor rows = stage.input(zeros(3, 4));
          stage.backend().silu(rows.rows(0, 2), rows.rows(1, 2));
        },
        "silu",
        "x [2, 4]",
        "memory of their own");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 4));
          stage.backend().rmsNorm(x, vector(stage, 4), 0, x);
        },
        "rmsNorm",
        "memory of their own");
    refuses(
        stage -> {
          Tensor out = stage.output(2, 3);
          linear(stage, 2, 4, new Epilogue.Multiply(out), out);
        },
        "linear",
        "factor [2, 3]",
        "memory of their own");
  }

  @Test
  default void refusesToWriteOverWhatAnOpReadsThroughout() {
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(2, 3));
          stage.backend().layerNorm(x, vector(stage, 3), vector(stage, 3), 0, x);
        },
        "layerNorm",
        "memory of their own");
    refuses(
        stage -> {
          Tensor rows = stage.input(zeros(3, 4));
          stage.backend().add(stage.input(zeros(2, 4)), rows.rows(0, 2), rows.rows(1, 2));
        },
        "add",
        "y [2, 4]",
        "memory of their own");
    refuses(
        stage -> {
          Tensor wide = stage.input(zeros(2, 3));
          stage.backend().blend(wide, wide, wide.columns(0, 1), wide);
        },
        "blend",
        "mask [2, 1]",
        "memory of their own");
    refuses(
        stage -> {
          Tensor x = stage.input(zeros(4, 4));
          Tensor q = stage.input(zeros(4, 4));
          AttentionGeometry geometry = AttentionGeometry.self(4, 1, 4);
          stage.backend().attention(q, q, q, geometry, new AttentionMask.Biased(x), x);
        },
        "attention",
        "bias [4, 4]",
        "memory of their own");
  }

  private void refuses(Consumer<Stage> op, String... mentions) {
    try (Stage stage = new Stage(subject(), DType.F32, DType.F32, Layout.DENSE)) {
      assertThatThrownBy(() -> op.accept(stage))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(mentions);
    }
  }

  private static HostTensor zeros(long... dims) {
    return HostTensor.zeros(DType.F32, Shape.of(dims));
  }

  private static Weight.Vector vector(Stage stage, int size) {
    return stage.weights().vector(zeros(size));
  }

  private static void linear(Stage stage, int rows, int columns, Epilogue epilogue, Tensor out) {
    Weight.Linear weight = stage.weights().linear(zeros(3, 4), null);
    stage.backend().linear(stage.input(zeros(rows, columns)), weight, epilogue, out);
  }

  private static void convolve(
      Stage stage, HostTensor x, ConvolutionGeometry geometry, Epilogue epilogue, Tensor out) {
    Weight.Convolution filter = stage.weights().convolution(zeros(5, 2, 3, 3), null);
    stage.backend().convolve(stage.input(x), filter, geometry, epilogue, out);
  }

  private static void attend(
      Stage stage, HostTensor q, HostTensor k, AttentionGeometry geometry, AttentionMask mask) {
    Tensor keys = stage.input(k);
    stage.backend().attention(stage.input(q), keys, keys, geometry, mask, stage.output(3, 16));
  }

  private static void rotate(
      Stage stage, HostTensor x, int heads, HostTensor angles, @Nullable HostTensor weight) {
    Tensor table = stage.input(angles);
    HeadNorm norm =
        weight == null
            ? null
            : new HeadNorm(stage.weights().vector(weight), 1e-6f, HeadNorm.Order.WEIGH_THEN_ROUND);
    RotaryTable rotary = new RotaryTable(table, table, RotaryTable.Pairing.HALVES);
    Tensor in = stage.input(x);
    stage.backend().rotate(in, heads, norm, rotary, stage.output(in.rows(), in.columns()));
  }

  private static void layerNorm(Stage stage, int weights, int biases, Tensor out) {
    Tensor x = stage.input(zeros(2, 3));
    stage.backend().layerNorm(x, vector(stage, weights), vector(stage, biases), 0, out);
  }

  private static void groupNorm(Stage stage, int channels, int groups, Epilogue activation) {
    GroupNorm norm = new GroupNorm(vector(stage, channels), vector(stage, channels), groups, 1e-6f);
    Tensor x = stage.input(zeros(1, 2, 2, 4));
    stage.backend().groupNorm(x, norm, activation, stage.output(1, 2, 2, 4));
  }

  private static void embed(Stage stage, HostTensor ids) {
    Weight.Embedding table = stage.weights().embedding(zeros(4, 5));
    stage.backend().embed(stage.input(ids), table, stage.output(2, 5));
  }
}
