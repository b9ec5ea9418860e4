package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.NativeScope;
import dev.fluxgate.engine.backend.cpu.onednn.NativeTiles;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.Operands;
import dev.fluxgate.engine.backend.cpu.onednn.Primitive;
import dev.fluxgate.engine.backend.cpu.vector.EpiloguePass;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products of rows with matrices. The work is cut into pieces of some rows by one panel of outputs,
 * each computed and finished by one thread.
 */
final class LinearOp {
  /** Multiplications below which another thread costs more than it saves. */
  private static final long SMALL = 1 << 20;

  /** Rows of one piece at most: enough to read the weights once for many rows. */
  private static final int PIECE_ROWS = 1024;

  /** Row stride of an output on a tile: its own columns. */
  private static final long ON_TILE = 0;

  private final CpuResources resources;

  LinearOp(CpuResources resources) {
    this.resources = resources;
  }

  /** What a compiled product depends on; the layout of the weights by its address. */
  private record Key(Sides sides, FusedSteps.Key steps, long layout, int rows, int outputs) {}

  /** What all pieces of one call have in common. */
  private record Sides(
      OneDnnType type,
      OneDnnType outType,
      int inputs,
      boolean bias,
      long inStride,
      long outStride) {}

  /** One call: where its operands lie and how it is cut. */
  private record Call(
      Tensor x,
      Tensor out,
      FusedSteps steps,
      @Nullable EpiloguePass pass,
      NativeTiles tiles,
      List<CpuWeight.Panel> panels,
      List<Primitive> primitives,
      int pieceRows) {

    void run(int worker, int piece) {
      CpuWeight.Panel panel = panels.get(piece % panels.size());
      long row = (long) (piece / panels.size()) * pieceRows;
      boolean bias = panel.bias() != 0;
      long[] addresses = new long[(bias ? 4 : 3) + steps.operands()];
      int next = 0;
      addresses[next++] = TensorAddress.of(x, row, 0);
      addresses[next++] = panel.address();
      if (bias) {
        addresses[next++] = panel.bias();
      }
      boolean onTile = isOnTile(pass);
      addresses[next++] =
          onTile ? tiles.of(worker).address() : TensorAddress.of(out, row, panel.first());
      steps.addresses(row, panel.first(), addresses, next);
      primitives.get(piece).execute(worker, addresses);
      if (pass != null) {
        int rows = (int) Math.min(pieceRows, out.rows() - row);
        var done = new EpiloguePass.Piece((int) row, rows, panel.first(), panel.outputs());
        if (onTile) {
          pass.finish(worker, done, tiles.of(worker));
        } else {
          pass.finish(worker, done);
        }
      }
    }
  }

  void run(Tensor x, CpuWeight.Linear weight, Epilogue epilogue, Tensor out) {
    int rows = x.rows();
    if (rows == 0) {
      return;
    }
    OneDnnType type = OneDnnType.of(x.dtype());
    if (type != weight.type()) {
      throw new IllegalArgumentException(
          "linear: x of " + type + " (expected: " + weight.type() + " as the weight)");
    }
    List<CpuWeight.Panel> panels = weight.panels();
    EpiloguePass pass = resources.pass(epilogue, out);
    Sides sides =
        new Sides(
            type,
            OneDnnType.of(out.dtype()),
            weight.inFeatures(),
            panels.getFirst().bias() != 0,
            x.rowStride(),
            isOnTile(pass) ? ON_TILE : out.rowStride());
    FusedSteps steps = FusedSteps.of(epilogue, out);
    int pieces = Math.ceilDiv(rows, PIECE_ROWS);
    int pieceRows = Math.ceilDiv(rows, pieces);
    if (isOnTile(pass)) {
      long tile = (long) pieceRows * panels.getFirst().outputs();
      resources.tiles().reserve(out.dtype().bytes(tile));
    }
    Primitive[] primitives = new Primitive[pieces * panels.size()];
    resources.primitives().beginOp();
    FusedSteps.Key stepsKey = steps.key();
    for (int i = 0; i < primitives.length; i++) {
      int count = Math.min(pieceRows, rows - i / panels.size() * pieceRows);
      primitives[i] = primitive(sides, stepsKey, panels.get(i % panels.size()), count);
    }
    OneDnnEngine.ownCurrentThread();
    Call call =
        new Call(
            x, out, steps, pass, resources.tiles(), panels, Arrays.asList(primitives), pieceRows);
    if ((long) rows * weight.inFeatures() * weight.outFeatures() < SMALL) {
      for (int i = 0; i < primitives.length; i++) {
        call.run(0, i);
      }
    } else {
      resources.partition().run(primitives.length, call::run);
    }
  }

  private static boolean isOnTile(@Nullable EpiloguePass pass) {
    return pass != null && pass.isOnTiles();
  }

  private Primitive primitive(Sides sides, FusedSteps.Key steps, CpuWeight.Panel panel, int rows) {
    Key key = new Key(sides, steps, panel.layout().handle().address(), rows, panel.outputs());
    return resources.primitives().get(key, () -> compile(key, panel.layout()));
  }

  private Primitive compile(Key key, Descriptor weights) {
    Sides sides = key.sides();
    int rows = key.rows();
    int outputs = key.outputs();
    long outStride = sides.outStride() == ON_TILE ? outputs : sides.outStride();
    try (NativeScope scope = resources.engine().scope()) {
      Operands operands =
          new Operands(
              scope.matrix(sides.type(), rows, sides.inputs(), sides.inStride()),
              weights,
              sides.bias() ? scope.matrix(sides.type(), 1, outputs, outputs) : null,
              scope.matrix(sides.outType(), rows, outputs, outStride),
              FusedSteps.postOps(
                  key.steps(),
                  type -> scope.matrix(type, 1, outputs, outputs),
                  (type, stride) -> scope.matrix(type, rows, outputs, stride)));
      return resources.engine().matmul(operands, key);
    }
  }
}
