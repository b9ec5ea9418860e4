package dev.fluxgate.engine.backend.selftest;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The calls of a self-test: every op, at sizes that no tile divides, and every epilogue. */
final class Checks {
  private static final float EPS = 1e-6f;

  /** Size of what is done element by element: columns that no block divides. */
  private static final int ROWS = 9;

  private static final int COLUMNS = 1301;

  private final List<Check> checks = new ArrayList<>();
  private final DType type;

  private Checks(DType type) {
    this.type = type;
  }

  /** All calls with weights and activations of {@code type}. */
  static List<Check> of(DType type) {
    Checks checks = new Checks(type);
    checks.linear();
    checks.epilogues();
    checks.convolutions();
    checks.attention();
    checks.rows();
    checks.pictures();
    checks.elementwise();
    checks.elementwiseOfSeveral();
    return List.copyOf(checks.checks);
  }

  private void add(String op, String sizes, Check.Scene scene) {
    checks.add(new Check(op, sizes, type, scene));
  }

  private void linear() {
    int[][] sizes = {{1, 64, 72}, {77, 96, 130}, {200, 264, 328}, {130, 1032, 136}};
    for (int[] size : sizes) {
      add(
          "linear",
          size[0] + " x " + size[1] + " x " + size[2],
          stage -> {
            Tensor out = stage.output(size[0], size[2]);
            stage
                .backend()
                .linear(
                    stage.input(size[0], size[1]),
                    stage.weights().linear(stage.values(size[2], size[1]), stage.values(size[2])),
                    Epilogue.NONE,
                    out);
            return out;
          });
    }
    add(
        "linear, unaligned",
        "70 x 77 x 33",
        stage -> {
          Tensor out = stage.output(70, 33);
          stage
              .backend()
              .linear(
                  stage.spacedInput(70, 77),
                  stage.weights().linear(stage.values(33, 77), null),
                  Epilogue.NONE,
                  out);
          return out;
        });
  }

  private void epilogues() {
    int rows = 130;
    int columns = 136;
    epilogue("SiLU", _ -> Epilogue.SILU);
    epilogue("GELU, tanh", _ -> Epilogue.GELU_TANH);
    epilogue("GELU, tanh in steps", _ -> Epilogue.GELU_COMPOSED_TANH);
    epilogue("GELU, erf", _ -> Epilogue.GELU_ERF);
    epilogue("GELU, sigmoid", _ -> Epilogue.GELU_QUICK);
    epilogue("bias", stage -> new Epilogue.AddBias(stage.weights().vector(stage.values(columns))));
    epilogue("factor", stage -> new Epilogue.Multiply(stage.input(rows, columns)));
    epilogue("residual", stage -> new Epilogue.Add(stage.input(rows, columns)));
    epilogue(
        "gated residual",
        stage -> new Epilogue.GatedAdd(stage.input(1, columns), stage.input(rows, columns)));
  }

  private void epilogue(String name, Function<CheckStage, Epilogue> epilogue) {
    add(
        "linear, " + name,
        "130 x 64 x 136",
        stage -> {
          Tensor out = stage.output(130, 136);
          stage
              .backend()
              .linear(
                  stage.input(130, 64),
                  stage.weights().linear(stage.values(136, 64), null),
                  epilogue.apply(stage),
                  out);
          return out;
        });
  }

  private void convolutions() {
    convolution(13, 11, 16, 24, 3, new ConvolutionGeometry(1, 1, 1));
    convolution(12, 18, 32, 136, 3, new ConvolutionGeometry(2, 0, 1));
    convolution(9, 7, 3, 16, 3, new ConvolutionGeometry(1, 1, 1));
    convolution(17, 9, 40, 12, 1, new ConvolutionGeometry(1, 0, 0));
  }

  private void convolution(
      int height, int width, int channels, int outputs, int kernel, ConvolutionGeometry geometry) {
    add(
        "convolve " + kernel + " x " + kernel + ", stride " + geometry.stride(),
        height + " x " + width + ", " + channels + " to " + outputs + " channels",
        stage -> {
          int outHeight = geometry.outputSize(height, kernel);
          int outWidth = geometry.outputSize(width, kernel);
          Tensor out = stage.output(2, outHeight, outWidth, outputs);
          stage
              .backend()
              .convolve(
                  stage.input(2, height, width, channels),
                  stage
                      .weights()
                      .convolution(
                          stage.values(outputs, channels, kernel, kernel), stage.values(outputs)),
                  geometry,
                  new Epilogue.Add(stage.input(2, outHeight, outWidth, outputs)),
                  out);
          return out;
        });
  }

  private void attention() {
    for (int headDim : new int[] {20, 64, 128}) {
      attention(new AttentionGeometry(1, 77, 141, 4, 4, headDim), AttentionMask.FULL);
    }
    AttentionMask causal =
        new AttentionMask.Causal(
            List.of(new AttentionMask.KeyRange(3, 70), new AttentionMask.KeyRange(0, 77)));
    attention(new AttentionGeometry(2, 77, 77, 4, 2, 64), causal);
    attention(new AttentionGeometry(2, 77, 77, 4, 1, 128), causal);
    attention(new AttentionGeometry(1, 40, 40, 1, 1, 512), AttentionMask.FULL);
    AttentionMask continued = new AttentionMask.Causal(List.of(new AttentionMask.KeyRange(5, 141)));
    for (int headDim : new int[] {20, 64, 128}) {
      attention(new AttentionGeometry(1, 70, 141, 4, 2, headDim), continued);
    }
    AttentionGeometry unscaled = new AttentionGeometry(2, 33, 70, 4, 4, 64).withScale(1);
    attention("biased", unscaled, stage -> new AttentionMask.Biased(stage.input(4 * 33, 70)));
  }

  private void attention(AttentionGeometry geometry, AttentionMask mask) {
    attention(mask instanceof AttentionMask.Full ? "full" : "causal", geometry, _ -> mask);
  }

  private void attention(
      String kind, AttentionGeometry geometry, Function<CheckStage, AttentionMask> mask) {
    add(
        "attention, " + kind,
        "%d x %d queries, %d keys, %d heads on %d, dimension %d"
            .formatted(
                geometry.batch(),
                geometry.queries(),
                geometry.keys(),
                geometry.heads(),
                geometry.keyValueHeads(),
                geometry.headDim()),
        stage -> {
          int queries = geometry.batch() * geometry.queries();
          int keys = geometry.batch() * geometry.keys();
          int width = geometry.heads() * geometry.headDim();
          int keyWidth = geometry.keyValueHeads() * geometry.headDim();
          Tensor out = stage.output(queries, width);
          stage
              .backend()
              .attention(
                  stage.input(queries, width),
                  stage.input(keys, keyWidth),
                  stage.input(keys, keyWidth),
                  geometry,
                  mask.apply(stage),
                  out);
          return out;
        });
  }

  private void rows() {
    for (RotaryTable.Pairing pairing : RotaryTable.Pairing.values()) {
      for (HeadNorm.Order order : HeadNorm.Order.values()) {
        add(
            "rotate, " + pairing + ", " + order,
            "14 x 3 x 64",
            stage -> rotate(stage, pairing, order));
      }
    }
    add(
        "rmsNorm",
        "33 x 1032",
        stage -> {
          Tensor out = stage.output(33, 1032);
          stage
              .backend()
              .rmsNorm(stage.input(33, 1032), stage.weights().vector(stage.values(1032)), EPS, out);
          return out;
        });
    add(
        "layerNorm",
        "33 x 1032",
        stage -> {
          Tensor out = stage.output(33, 1032);
          stage
              .backend()
              .layerNorm(
                  stage.input(33, 1032),
                  stage.weights().vector(stage.values(1032)),
                  stage.weights().vector(stage.values(1032)),
                  EPS,
                  out);
          return out;
        });
    add(
        "modulatedLayerNorm",
        "33 x 1032",
        stage -> {
          Tensor out = stage.output(33, 1032);
          stage
              .backend()
              .modulatedLayerNorm(
                  stage.input(33, 1032), stage.input(1, 1032), stage.input(1, 1032), EPS, out);
          return out;
        });
  }

  private static Tensor rotate(
      CheckStage stage, RotaryTable.Pairing pairing, HeadNorm.Order order) {
    Tensor out = stage.output(14, 192);
    RotaryTable table = new RotaryTable(stage.input(7, 32), stage.input(7, 32), pairing);
    HeadNorm norm = new HeadNorm(stage.weights().vector(stage.values(64)), EPS, order);
    stage.backend().rotate(stage.input(14, 192), 3, norm, table, out);
    return out;
  }

  private void pictures() {
    add(
        "groupNorm with SiLU",
        "2 x 19 x 23 x 48 in 16 groups",
        stage -> {
          Tensor out = stage.output(2, 19, 23, 48);
          GroupNorm norm =
              new GroupNorm(
                  stage.weights().vector(stage.values(48)),
                  stage.weights().vector(stage.values(48)),
                  16,
                  EPS);
          stage.backend().groupNorm(stage.input(2, 19, 23, 48), norm, Epilogue.SILU, out);
          return out;
        });
    add(
        "upsampleNearest",
        "2 x 7 x 5 x 12",
        stage -> {
          Tensor out = stage.output(2, 14, 10, 12);
          stage.backend().upsampleNearest(stage.input(2, 7, 5, 12), out);
          return out;
        });
    add(
        "embed",
        "6 of 50 x 96",
        stage -> {
          Tensor out = stage.output(6, 96);
          Tensor ids = stage.place(HostTensor.ofInts(Shape.of(6), 0, 49, 7, 7, 31, 12));
          stage.backend().embed(ids, stage.weights().embedding(stage.values(50, 96)), out);
          return out;
        });
  }

  private void elementwise() {
    elementwise(
        "copy, unaligned",
        (stage, out) -> stage.backend().copy(stage.spacedInput(ROWS, COLUMNS), out));
    elementwise("silu", (stage, out) -> stage.backend().silu(stage.input(ROWS, COLUMNS), out));
    elementwise(
        "eulerStep",
        (stage, out) ->
            stage
                .backend()
                .eulerStep(stage.input(ROWS, COLUMNS), stage.input(ROWS, COLUMNS), -0.13f, out));
    elementwise(
        "guide",
        (stage, out) ->
            stage
                .backend()
                .guide(stage.input(ROWS, COLUMNS), stage.input(ROWS, COLUMNS), 3.5f, out));
  }

  private void elementwiseOfSeveral() {
    elementwise(
        "add",
        (stage, out) ->
            stage.backend().add(stage.input(ROWS, COLUMNS), stage.input(ROWS, COLUMNS), out));
    elementwise(
        "blend",
        (stage, out) ->
            stage
                .backend()
                .blend(
                    stage.input(ROWS, COLUMNS),
                    stage.input(ROWS, COLUMNS),
                    stage.input(ROWS, 1),
                    out));
  }

  private void elementwise(String op, BiConsumer<CheckStage, Tensor> call) {
    add(
        op,
        ROWS + " x " + COLUMNS,
        stage -> {
          Tensor out = stage.output(ROWS, COLUMNS);
          call.accept(stage, out);
          return out;
        });
  }
}
