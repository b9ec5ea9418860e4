package dev.fluxgate.engine.backend.cpu.onednn;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layouts of everything a product reads and writes. A primitive takes its addresses in the order
 * source, weights, bias (if any), destination, operands of the post-ops.
 *
 * @param source layout of the left factor or the picture
 * @param weights layout of the right factor or the filter
 * @param bias layout of the bias, or none
 * @param destination layout of the result
 * @param postOps steps on the result, in order
 */
public record Operands(
    Descriptor source,
    Descriptor weights,
    @Nullable Descriptor bias,
    Descriptor destination,
    List<PostOp> postOps) {

  private static final int SOURCE = 1;
  private static final int DESTINATION = 17;
  private static final int WEIGHTS = 33;
  private static final int BIAS = 41;

  /** {@code DNNL_ARG_ATTR_MULTIPLE_POST_OP(0)} and the distance to the next. */
  private static final int POST_OP = 32768;

  /** {@code DNNL_ARG_SRC_1}: the second operand of a post-op. */
  private static final int SECOND = 2;

  /** Copies the steps. */
  public Operands {
    postOps = List.copyOf(postOps);
  }

  /** A product with nothing added. */
  public static Operands plain(Descriptor source, Descriptor weights, Descriptor destination) {
    return new Operands(source, weights, null, destination, List.of());
  }

  /** A layout and the number under which a primitive knows it. */
  record Argument(int id, Descriptor layout) {}

  static List<Argument> reorder(Descriptor from, Descriptor to) {
    return List.of(new Argument(SOURCE, from), new Argument(DESTINATION, to));
  }

  MemorySegment biasHandle() {
    return bias == null ? MemorySegment.NULL : bias.handle();
  }

  List<Argument> arguments() {
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Argument(SOURCE, source));
    arguments.add(new Argument(WEIGHTS, weights));
    if (bias != null) {
      arguments.add(new Argument(BIAS, bias));
    }
    arguments.add(new Argument(DESTINATION, destination));
    for (int i = 0; i < postOps.size(); i++) {
      int id = POST_OP * (i + 1) | SECOND;
      switch (postOps.get(i)) {
        case PostOp.Multiply(Descriptor operand) -> arguments.add(new Argument(id, operand));
        case PostOp.Add(Descriptor operand) -> arguments.add(new Argument(id, operand));
        case PostOp.Activation _, PostOp.Sum() -> {}
      }
    }
    return arguments;
  }
}
