package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Epilogue;
import org.jspecify.annotations.Nullable;

/** An epilogue as a step of its own, on a row of float64 results that is not stored yet. */
final class ReferenceEpilogue {
  private final Epilogue epilogue;
  private final @Nullable TensorRows operand;
  private final float[] gate;

  ReferenceEpilogue(Epilogue epilogue) {
    this.epilogue = epilogue;
    this.operand =
        switch (epilogue) {
          case Epilogue.None _, Epilogue.Silu _ -> null;
          case Epilogue.Multiply(var factor) -> new TensorRows(factor);
          case Epilogue.Add(var residual) -> new TensorRows(residual);
          case Epilogue.GatedAdd(_, var residual) -> new TensorRows(residual);
        };
    this.gate =
        epilogue instanceof Epilogue.GatedAdd gated
            ? new TensorRows(gated.gate()).read(0)
            : new float[0];
  }

  /** x / (1 + exp(−x)). */
  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** Applies the epilogue to {@code values}, which are to become row {@code row} of out. */
  void apply(int row, double[] values) {
    float[] other = operand == null ? new float[0] : operand.read(row);
    for (int i = 0; i < values.length; i++) {
      double a = values[i];
      values[i] =
          switch (epilogue) {
            case Epilogue.None _ -> a;
            case Epilogue.Silu _ -> silu(a);
            case Epilogue.Multiply _ -> other[i] * a;
            case Epilogue.Add _ -> other[i] + a;
            case Epilogue.GatedAdd _ -> other[i] + gate[i] * a;
          };
    }
  }
}
