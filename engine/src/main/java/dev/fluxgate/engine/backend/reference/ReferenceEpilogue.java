package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.tensor.DType;
import org.jspecify.annotations.Nullable;

/** An epilogue as a step of its own, on a row of float64 results that is not stored yet. */
final class ReferenceEpilogue {
  private final Epilogue epilogue;
  private final DType type;
  private final @Nullable TensorRows operand;
  private final float[] row;

  /** The epilogue of an op whose output is of {@code type}. */
  ReferenceEpilogue(Epilogue epilogue, DType type) {
    this.epilogue = epilogue;
    this.type = type;
    this.operand =
        switch (epilogue) {
          case Epilogue.None _, Epilogue.Silu _, Epilogue.Gelu _, Epilogue.AddBias _ -> null;
          case Epilogue.Multiply(var factor) -> new TensorRows(factor);
          case Epilogue.Add(var residual) -> new TensorRows(residual);
          case Epilogue.GatedAdd(_, var residual) -> new TensorRows(residual);
        };
    this.row =
        switch (epilogue) {
          case Epilogue.GatedAdd(var gate, _) -> new TensorRows(gate).read(0);
          case Epilogue.AddBias(var bias) -> ReferenceBackend.channels(bias);
          default -> new float[0];
        };
  }

  /** x / (1 + exp(−x)). */
  static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** Applies the epilogue to {@code values}, which are to become row {@code number} of out. */
  void apply(int number, double[] values) {
    float[] other = operand == null ? new float[0] : operand.read(number);
    for (int i = 0; i < values.length; i++) {
      double a = Rounding.through(type, values[i]);
      values[i] =
          switch (epilogue) {
            case Epilogue.None _ -> a;
            case Epilogue.Silu _ -> silu(a);
            case Epilogue.Gelu(var kind) -> ReferenceGelu.of(kind, type, a);
            case Epilogue.AddBias _ -> a + row[i];
            case Epilogue.Multiply _ -> other[i] * a;
            case Epilogue.Add _ -> other[i] + a;
            case Epilogue.GatedAdd _ -> other[i] + Rounding.through(type, row[i] * a);
          };
    }
  }
}
