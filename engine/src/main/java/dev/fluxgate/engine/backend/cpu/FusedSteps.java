package dev.fluxgate.engine.backend.cpu;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.cpu.onednn.Descriptor;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.onednn.PostOp;
import dev.fluxgate.engine.backend.cpu.vector.EpiloguePass;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An epilogue as steps that the product itself does, on its float32 sums, before it stores.
 *
 * <p>A residual that is the output itself is added by the sum step, which reads an element right
 * before it is stored. As a plain operand it could be read after a partial sum was stored over it.
 *
 * @param kind which steps
 * @param gate factor that is the same for all rows, or none
 * @param operand factor or residual of the shape of the output, or none
 */
record FusedSteps(Kind kind, @Nullable Tensor gate, @Nullable Tensor operand) {

  enum Kind {
    NONE,
    SILU,
    GELU_TANH,
    GELU_ERF,
    GELU_QUICK,
    MULTIPLY,
    ADD,
    SUM,
    GATED_ADD,
    GATED_SUM
  }

  /** What of it a compiled op depends on. */
  record Key(
      Kind kind, @Nullable OneDnnType gate, @Nullable OneDnnType operand, long operandStride) {}

  /** The steps of an epilogue; none if it needs an {@link EpiloguePass}. */
  static FusedSteps of(Epilogue epilogue, Tensor out) {
    if (EpiloguePass.isNeeded(epilogue, out)) {
      return new FusedSteps(Kind.NONE, null, null);
    }
    return switch (epilogue) {
      case Epilogue.None _, Epilogue.AddBias _ -> new FusedSteps(Kind.NONE, null, null);
      case Epilogue.Silu _ -> new FusedSteps(Kind.SILU, null, null);
      case Epilogue.Gelu(Epilogue.Gelu.Kind kind) -> new FusedSteps(gelu(kind), null, null);
      case Epilogue.Multiply(Tensor factor) -> new FusedSteps(Kind.MULTIPLY, null, factor);
      case Epilogue.Add(Tensor residual) ->
          TensorAddress.same(residual, out)
              ? new FusedSteps(Kind.SUM, null, null)
              : new FusedSteps(Kind.ADD, null, residual);
      case Epilogue.GatedAdd(Tensor gate, Tensor residual) ->
          TensorAddress.same(residual, out)
              ? new FusedSteps(Kind.GATED_SUM, gate, null)
              : new FusedSteps(Kind.GATED_ADD, gate, residual);
    };
  }

  private static Kind gelu(Epilogue.Gelu.Kind kind) {
    return switch (kind) {
      case TANH, COMPOSED_TANH -> Kind.GELU_TANH; // in float32 no step rounds
      case ERF -> Kind.GELU_ERF;
      case QUICK -> Kind.GELU_QUICK;
    };
  }

  Key key() {
    return new Key(
        kind,
        gate == null ? null : OneDnnType.of(gate.dtype()),
        operand == null ? null : OneDnnType.of(operand.dtype()),
        operand == null ? 0 : operand.rowStride());
  }

  /** How many addresses {@link #addresses} writes. */
  int operands() {
    return (gate == null ? 0 : 1) + (operand == null ? 0 : 1);
  }

  /** Writes the addresses for the outputs from (row, column) to {@code target} from {@code at}. */
  void addresses(long row, int column, long[] target, int at) {
    int next = at;
    if (gate != null) {
      target[next++] = TensorAddress.of(gate, 0, column);
    }
    if (operand != null) {
      target[next] = TensorAddress.of(operand, row, column);
    }
  }

  /**
   * The steps of a compiled op.
   *
   * @param gates layout of the gate, by its type
   * @param operands layout of the other operand, by its type and row stride
   */
  static List<PostOp> postOps(
      Key key,
      Function<OneDnnType, Descriptor> gates,
      BiFunction<OneDnnType, Long, Descriptor> operands) {
    List<PostOp> steps = new ArrayList<>();
    if (key.gate() != null) {
      steps.add(new PostOp.Multiply(gates.apply(key.gate())));
    }
    switch (key.kind()) {
      case NONE -> {}
      case SILU -> steps.add(PostOp.Activation.SILU);
      case GELU_TANH -> steps.add(PostOp.Activation.GELU_TANH);
      case GELU_ERF -> steps.add(PostOp.Activation.GELU_ERF);
      case GELU_QUICK -> steps.add(PostOp.Activation.GELU_QUICK);
      case SUM, GATED_SUM -> steps.add(new PostOp.Sum());
      case MULTIPLY, ADD, GATED_ADD -> {
        if (key.operand() != null) {
          var operand = operands.apply(key.operand(), key.operandStride());
          steps.add(
              key.kind() == Kind.MULTIPLY ? new PostOp.Multiply(operand) : new PostOp.Add(operand));
        }
      }
    }
    return steps;
  }
}
