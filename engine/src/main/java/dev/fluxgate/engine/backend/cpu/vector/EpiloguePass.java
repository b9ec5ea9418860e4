package dev.fluxgate.engine.backend.cpu.vector;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * An epilogue as a pass over a piece of a product that a thread has just stored, still in its
 * cache: what steps fused into the product cannot do, because they see its float32 sums, which
 * bfloat16 wants rounded first.
 *
 * <p>A piece lies in the output, or, where the output holds the residual, in the tile of its
 * thread.
 */
public final class EpiloguePass {
  private final Epilogue epilogue;
  private final Tensor out;
  private final float[] bias;
  private final RowBuffers buffers;
  private final boolean inPlace;

  /** A pass over the pieces of {@code out}; {@code bias} holds that of {@link Epilogue.AddBias}. */
  public EpiloguePass(Epilogue epilogue, Tensor out, float[] bias, RowBuffers buffers) {
    this.epilogue = epilogue;
    this.out = out;
    this.bias = bias;
    this.buffers = buffers;
    inPlace =
        switch (epilogue) {
          case Epilogue.Add(Tensor residual) -> residual.isSameView(out);
          case Epilogue.GatedAdd(_, Tensor residual) -> residual.isSameView(out);
          default -> false;
        };
  }

  /** Whether {@code epilogue} needs a pass; the other ones are fused. */
  public static boolean isNeeded(Epilogue epilogue, Tensor out) {
    return switch (epilogue) {
      case Epilogue.None _ -> false;
      case Epilogue.AddBias _ -> true;
      default -> out.dtype() == DType.BF16;
    };
  }

  /** Whether pieces must lie in tiles. */
  public boolean isOnTiles() {
    return inPlace;
  }

  /** A part of the output: rows from {@code row} and columns from {@code column}. */
  public record Piece(int row, int rows, int column, int columns) {}

  /** Finishes a piece that lies in the output. */
  public void finish(int worker, Piece piece) {
    finish(worker, piece, FloatRows.of(out), piece.row, piece.column);
  }

  /** Finishes a piece that lies in {@code tile}, its rows one behind the other. */
  public void finish(int worker, Piece piece, MemorySegment tile) {
    long stride = out.dtype().bytes(piece.columns);
    FloatRows product = new FloatRows(tile, out.dtype(), 0, stride, piece.columns);
    finish(worker, piece, product, 0, 0);
  }

  private void finish(int worker, Piece piece, FloatRows product, int from, int column) {
    int count = piece.columns;
    float[] a = buffers.row(worker, 0, count);
    float[] other = buffers.row(worker, 1, count);
    float[] same = buffers.row(worker, 2, count);
    FloatRows operand = operand();
    readRow(piece, same);
    FloatRows result = FloatRows.of(out);
    for (int i = 0; i < piece.rows; i++) {
      product.read(from + i, column, count, a);
      if (operand != null) {
        operand.read(piece.row + i, piece.column, count, other);
      }
      apply(a, other, same, count);
      result.write(piece.row + i, piece.column, count, a);
    }
  }

  /** What differs from row to row. */
  private @Nullable FloatRows operand() {
    return switch (epilogue) {
      case Epilogue.None _, Epilogue.Silu _, Epilogue.Gelu _, Epilogue.AddBias _ -> null;
      case Epilogue.Multiply(Tensor factor) -> FloatRows.of(factor);
      case Epilogue.Add(Tensor residual) -> FloatRows.of(residual);
      case Epilogue.GatedAdd(_, Tensor residual) -> FloatRows.of(residual);
    };
  }

  /** Reads what is the same for every row. */
  private void readRow(Piece piece, float[] values) {
    switch (epilogue) {
      case Epilogue.AddBias _ -> System.arraycopy(bias, piece.column, values, 0, piece.columns);
      case Epilogue.GatedAdd(Tensor gate, _) ->
          FloatRows.of(gate).read(0, piece.column, piece.columns, values);
      default -> {}
    }
  }

  private void apply(float[] a, float[] other, float[] same, int count) {
    switch (epilogue) {
      case Epilogue.None _ -> {}
      case Epilogue.Silu _ -> Elementwise.silu(a, count);
      case Epilogue.Gelu(Epilogue.Gelu.Kind kind) -> Elementwise.gelu(a, kind, count);
      case Epilogue.AddBias _ -> Elementwise.add(a, same, count);
      case Epilogue.Multiply _ -> Elementwise.multiply(a, other, count);
      case Epilogue.Add _ -> Elementwise.add(a, other, count);
      case Epilogue.GatedAdd _ -> Elementwise.gatedAdd(a, same, other, count);
    }
  }
}
