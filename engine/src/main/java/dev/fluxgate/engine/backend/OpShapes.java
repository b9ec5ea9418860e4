package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The checks that every back end makes before an op, one method an op: element types and extents
 * that do not fit raise {@link IllegalArgumentException} with the op and both shapes, and so does
 * an output that lies over an input where the op does not allow it.
 *
 * <p>A matrix may have any rank: its rows are all dimensions but the last.
 */
public final class OpShapes {
  private OpShapes() {}

  /** Checks {@link Backend#upload} and the like: same type, as many elements. */
  public static void transfer(String op, HostTensor host, Tensor tensor) {
    if (host.dtype() != tensor.dtype() || host.shape().count() != tensor.shape().count()) {
      throw new IllegalArgumentException(
          "%s: %s %s with %s %s (expected: the same type and number of elements)"
              .formatted(op, host.dtype(), host.shape(), tensor.dtype(), tensor.shape()));
    }
  }

  /**
   * Checks an op whose {@code out} has the rows and columns of {@code x}, and may be it: silu,
   * copy.
   */
  public static void elementwise(String op, Tensor x, Tensor out) {
    compute(op, "x", x);
    compute(op, "out", out);
    alike(op, "x", x, "out", out);
    apartOrSame(op, "x", x, out);
  }

  /** Checks {@link Backend#linear}. */
  public static void linear(Tensor x, Weight.Linear weight, Epilogue epilogue, Tensor out) {
    compute("linear", "x", x);
    compute("linear", "out", out);
    Shape stored = Shape.of(weight.outFeatures(), weight.inFeatures());
    if (x.columns() != weight.inFeatures()) {
      throw mismatch(
          "linear", "x", x.shape(), "weight", stored, x.columns() + " columns of weight");
    }
    if (out.rows() != x.rows() || out.columns() != weight.outFeatures()) {
      throw mismatch(
          "linear", "out", out.shape(), "weight", stored, "(rows of x " + x.shape() + ", out)");
    }
    epilogue("linear", epilogue, out);
    apart("linear", "x", x, out);
  }

  /** Checks {@link Backend#convolve}. */
  public static void convolve(
      Tensor x,
      Weight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    picture("convolve", "x", x);
    picture("convolve", "out", out);
    int kernel = filter.kernelSize();
    Shape stored = Shape.of(filter.outChannels(), filter.inChannels(), kernel, kernel);
    int padding = geometry.padBefore() + geometry.padAfter();
    if (geometry.stride() < 1 || geometry.padBefore() < 0 || geometry.padAfter() < 0) {
      throw new IllegalArgumentException(
          "convolve: " + geometry + " (expected: stride >= 1, padding >= 0)");
    }
    Shape in = x.shape();
    if (in.size(3) != filter.inChannels()
        || in.size(1) + padding < kernel
        || in.size(2) + padding < kernel) {
      throw mismatch(
          "convolve", "x", in, "filter", stored, "its input channels, a padded picture it fits in");
    }
    Shape expected =
        Shape.of(
            in.dim(0),
            geometry.outputSize(in.size(1), kernel),
            geometry.outputSize(in.size(2), kernel),
            filter.outChannels());
    if (!out.shape().equals(expected)) {
      throw mismatch("convolve", "x", in, "out", out.shape(), "out " + expected);
    }
    if (!(epilogue instanceof Epilogue.None || epilogue instanceof Epilogue.Add)) {
      throw new IllegalArgumentException(
          "convolve: epilogue " + epilogue + " (expected: None or Add)");
    }
    epilogue("convolve", epilogue, out);
    apart("convolve", "x", x, out);
  }

  /** Checks {@link Backend#attention}. */
  public static void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    long queryRows = (long) geometry.batch() * geometry.queries();
    long keyRows = (long) geometry.batch() * geometry.keys();
    Shape queries = Shape.of(queryRows, (long) geometry.heads() * geometry.headDim());
    Shape keys = Shape.of(keyRows, (long) geometry.keyValueHeads() * geometry.headDim());
    matrix("attention", "q", q, queries);
    matrix("attention", "k", k, keys);
    matrix("attention", "v", v, keys);
    matrix("attention", "out", out, queries);
    apart("attention", "q", q, out);
    apart("attention", "k", k, out);
    apart("attention", "v", v, out);
    switch (mask) {
      case AttentionMask.Full _, AttentionMask.Among _ -> {}
      case AttentionMask.Causal causal -> causal(causal, geometry);
      case AttentionMask.Biased(Tensor bias) -> {
        matrix(
            "attention",
            "bias",
            bias,
            Shape.of((long) geometry.heads() * geometry.queries(), geometry.keys()));
        if (bias.dtype() != DType.F32 && bias.dtype() != q.dtype()) {
          throw new IllegalArgumentException(
              "attention: bias of %s (expected: F32 or %s as q)"
                  .formatted(bias.dtype(), q.dtype()));
        }
        apart("attention", "bias", bias, out);
      }
    }
  }

  private static void causal(AttentionMask.Causal causal, AttentionGeometry geometry) {
    if (geometry.keys() < geometry.queries()) {
      throw new IllegalArgumentException(
          "attention: a causal mask of %d queries with %d keys (expected: at least as many keys)"
              .formatted(geometry.queries(), geometry.keys()));
    }
    if (causal.live().size() != geometry.batch()) {
      throw new IllegalArgumentException(
          "attention: a mask of %d sequences (expected: the %d of the batch)"
              .formatted(causal.live().size(), geometry.batch()));
    }
    for (AttentionMask.KeyRange range : causal.live()) {
      if (range.end() > geometry.keys()) {
        throw new IllegalArgumentException(
            "attention: a mask of %s (expected: within the %d keys)"
                .formatted(range, geometry.keys()));
      }
    }
  }

  /** Checks {@link Backend#rotate}. */
  public static void rotate(
      Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out) {
    elementwise("rotate", x, out);
    if (heads < 1 || x.columns() % (2L * heads) != 0) {
      throw new IllegalArgumentException(
          "rotate: x %s with %d heads (expected: an even number of features a head)"
              .formatted(x.shape(), heads));
    }
    int headDim = x.columns() / heads;
    Tensor cos = table.cos();
    if (cos.rows() < 1 || x.rows() % cos.rows() != 0 || cos.columns() != headDim / 2) {
      throw mismatch(
          "rotate",
          "x",
          x.shape(),
          "table",
          cos.shape(),
          "table (positions, " + headDim / 2 + "), x rows a multiple of the positions");
    }
    alike("rotate", "cos", cos, "sin", table.sin());
    compute("rotate", "cos", cos);
    if (cos.dtype() != table.sin().dtype()) {
      throw new IllegalArgumentException(
          "rotate: table of %s and %s (expected: one type)"
              .formatted(cos.dtype(), table.sin().dtype()));
    }
    if (norm != null) {
      vector("rotate", "head norm weight", norm.weight(), headDim, x);
    }
  }

  /** Checks {@link Backend#rmsNorm}. */
  public static void rmsNorm(Tensor x, Weight.Vector weight, Tensor out) {
    elementwise("rmsNorm", x, out);
    apart("rmsNorm", "x", x, out);
    vector("rmsNorm", "weight", weight, x.columns(), x);
  }

  /** Checks {@link Backend#modulatedLayerNorm}. */
  public static void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, Tensor out) {
    elementwise("modulatedLayerNorm", x, out);
    apart("modulatedLayerNorm", "x", x, out);
    matrix("modulatedLayerNorm", "shift", shift, Shape.of(1, x.columns()));
    matrix("modulatedLayerNorm", "scale", scale, Shape.of(1, x.columns()));
  }

  /** Checks {@link Backend#layerNorm}. */
  public static void layerNorm(Tensor x, Weight.Vector weight, Weight.Vector bias, Tensor out) {
    elementwise("layerNorm", x, out);
    apart("layerNorm", "x", x, out);
    vector("layerNorm", "weight", weight, x.columns(), x);
    vector("layerNorm", "bias", bias, x.columns(), x);
  }

  /** Checks {@link Backend#groupNorm}. */
  public static void groupNorm(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    picture("groupNorm", "x", x);
    picture("groupNorm", "out", out);
    alike("groupNorm", "x", x, "out", out);
    apart("groupNorm", "x", x, out);
    vector("groupNorm", "weight", norm.weight(), x.columns(), x);
    vector("groupNorm", "bias", norm.bias(), x.columns(), x);
    if (norm.groups() < 1 || x.columns() % norm.groups() != 0) {
      throw new IllegalArgumentException(
          "groupNorm: x %s in %d groups (expected: a divisor of the channels)"
              .formatted(x.shape(), norm.groups()));
    }
    if (!(activation instanceof Epilogue.None || activation instanceof Epilogue.Silu)) {
      throw new IllegalArgumentException(
          "groupNorm: activation " + activation + " (expected: None or Silu)");
    }
  }

  /** Checks {@link Backend#embed}, but not the ids themselves. */
  public static void embed(Tensor ids, Weight.Embedding table, Tensor out) {
    if (ids.dtype() != DType.I32) {
      throw new IllegalArgumentException("embed: ids of " + ids.dtype() + " (expected: I32)");
    }
    compute("embed", "out", out);
    if (out.rows() != ids.shape().count() || out.columns() != table.width()) {
      throw mismatch(
          "embed",
          "ids",
          ids.shape(),
          "out",
          out.shape(),
          "out " + Shape.of(ids.shape().count(), table.width()));
    }
  }

  /** Checks one id of {@link Backend#embed}, number {@code index}. */
  public static void id(int index, int id, Weight.Embedding table) {
    if (id < 0 || id >= table.vocabulary()) {
      throw new IllegalArgumentException(
          "embed: ids[%d]: %d (expected: 0..%d)".formatted(index, id, table.vocabulary() - 1));
    }
  }

  /** Checks {@link Backend#upsampleNearest}. */
  public static void upsampleNearest(Tensor x, Tensor out) {
    picture("upsampleNearest", "x", x);
    picture("upsampleNearest", "out", out);
    Shape in = x.shape();
    Shape expected = Shape.of(in.dim(0), 2 * in.dim(1), 2 * in.dim(2), in.dim(3));
    if (!out.shape().equals(expected)) {
      throw mismatch("upsampleNearest", "x", in, "out", out.shape(), "out " + expected);
    }
    apart("upsampleNearest", "x", x, out);
  }

  /** Checks {@link Backend#eulerStep}. */
  public static void eulerStep(Tensor x, Tensor velocity, Tensor out) {
    elementwise("eulerStep", x, out);
    compute("eulerStep", "velocity", velocity);
    alike("eulerStep", "x", x, "velocity", velocity);
    apart("eulerStep", "velocity", velocity, out);
  }

  /** Checks {@link Backend#guide}. */
  public static void guide(Tensor negative, Tensor positive, Tensor out) {
    elementwise("guide", negative, out);
    compute("guide", "positive", positive);
    alike("guide", "negative", negative, "positive", positive);
    apartOrSame("guide", "positive", positive, out);
  }

  /** Checks {@link Backend#add}. */
  public static void add(Tensor x, Tensor y, Tensor out) {
    elementwise("add", x, out);
    compute("add", "y", y);
    alike("add", "x", x, "y", y);
    apartOrSame("add", "y", y, out);
  }

  /** Checks {@link Backend#blend}. */
  public static void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    elementwise("blend", kept, out);
    compute("blend", "repainted", repainted);
    alike("blend", "kept", kept, "repainted", repainted);
    apartOrSame("blend", "repainted", repainted, out);
    matrix("blend", "mask", mask, Shape.of(out.rows(), 1));
    apart("blend", "mask", mask, out);
  }

  /** Checks {@link WeightStore#linear}. */
  public static void linearWeight(HostTensor weight, @Nullable HostTensor bias) {
    stored("linear weight", weight, 2, "(out, in)");
    bias("linear", weight, bias);
  }

  /** Checks {@link WeightStore#convolution}. */
  public static void convolutionWeight(HostTensor filter, @Nullable HostTensor bias) {
    stored("convolution filter", filter, 4, "(out, in, k, k)");
    if (filter.shape().dim(2) != filter.shape().dim(3)) {
      throw new IllegalArgumentException(
          "convolution filter: " + filter.shape() + " (expected: as high as wide)");
    }
    bias("convolution", filter, bias);
  }

  /** Checks {@link WeightStore#embedding}. */
  public static void embeddingWeight(HostTensor table) {
    stored("embedding table", table, 2, "(vocabulary, width)");
  }

  /** Checks {@link WeightStore#vector}. */
  public static void vectorWeight(HostTensor values) {
    stored("vector", values, 1, "(size)");
  }

  private static void bias(String what, HostTensor weight, @Nullable HostTensor bias) {
    if (bias == null) {
      return;
    }
    stored(what + " bias", bias, 1, "(out)");
    if (bias.shape().dim(0) != weight.shape().dim(0)) {
      throw mismatch(
          what,
          "weight",
          weight.shape(),
          "bias",
          bias.shape(),
          "a bias of " + weight.shape().dim(0));
    }
  }

  private static void stored(String what, HostTensor tensor, int rank, String expected) {
    if (tensor.shape().rank() != rank || tensor.shape().count() == 0) {
      throw new IllegalArgumentException(
          what + ": " + tensor.shape() + " (expected: " + expected + ", not empty)");
    }
    switch (tensor.dtype()) {
      case F32, BF16, F16, F64 -> {}
      default ->
          throw new IllegalArgumentException(
              what + ": " + tensor.dtype() + " (expected: F32, BF16, F16 or F64)");
    }
  }

  private static void epilogue(String op, Epilogue epilogue, Tensor out) {
    switch (epilogue) {
      case Epilogue.None _, Epilogue.Silu _, Epilogue.Gelu _ -> {}
      case Epilogue.AddBias(Weight.Vector bias) -> vector(op, "bias", bias, out.columns(), out);
      case Epilogue.Multiply multiply -> {
        operand(op, "factor", multiply.factor(), out);
        apart(op, "factor", multiply.factor(), out);
      }
      case Epilogue.Add add -> residual(op, add.residual(), out);
      case Epilogue.GatedAdd gated -> {
        matrix(op, "gate", gated.gate(), Shape.of(1, out.columns()));
        apart(op, "gate", gated.gate(), out);
        residual(op, gated.residual(), out);
      }
    }
  }

  private static void residual(String op, Tensor residual, Tensor out) {
    operand(op, "residual", residual, out);
    apartOrSame(op, "residual", residual, out);
  }

  private static void operand(String op, String name, Tensor operand, Tensor out) {
    compute(op, name, operand);
    alike(op, name, operand, "out", out);
  }

  private static void apartOrSame(String op, String name, Tensor input, Tensor out) {
    if (!input.isSameView(out)) {
      apart(op, name, input, out);
    }
  }

  private static void apart(String op, String name, Tensor input, Tensor out) {
    if (input.overlaps(out)) {
      throw mismatch(op, name, input.shape(), "out", out.shape(), "memory of their own");
    }
  }

  private static void vector(String op, String name, Weight.Vector vector, int size, Tensor x) {
    if (vector.size() != size) {
      throw mismatch(
          op, "x", x.shape(), name, Shape.of(vector.size()), name + " " + Shape.of(size));
    }
  }

  private static void picture(String op, String name, Tensor tensor) {
    compute(op, name, tensor);
    if (tensor.shape().rank() != 4) {
      throw new IllegalArgumentException(
          "%s: %s %s (expected: batch, height, width, channels)"
              .formatted(op, name, tensor.shape()));
    }
  }

  private static void matrix(String op, String name, Tensor tensor, Shape expected) {
    compute(op, name, tensor);
    if (tensor.rows() != expected.dim(0) || tensor.columns() != expected.dim(1)) {
      throw new IllegalArgumentException(
          "%s: %s %s (expected: %s)".formatted(op, name, tensor.shape(), expected));
    }
  }

  private static void alike(String op, String name, Tensor a, String otherName, Tensor b) {
    if (a.rows() != b.rows() || a.columns() != b.columns()) {
      throw mismatch(op, name, a.shape(), otherName, b.shape(), "the same rows and columns");
    }
  }

  private static void compute(String op, String name, Tensor tensor) {
    if (!tensor.dtype().isCompute()) {
      throw new IllegalArgumentException(
          "%s: %s of %s (expected: F32 or BF16)".formatted(op, name, tensor.dtype()));
    }
  }

  private static IllegalArgumentException mismatch(
      String op, String name, Shape shape, String otherName, Shape other, String expected) {
    return new IllegalArgumentException(
        "%s: %s %s with %s %s (expected: %s)"
            .formatted(op, name, shape, otherName, other, expected));
  }
}
