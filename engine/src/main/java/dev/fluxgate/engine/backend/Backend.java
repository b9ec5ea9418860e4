package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.backend.failure.DeviceMemoryException;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The op set. Letters: B batch, M rows, N and K columns, H heads, C channels, R(·) rounding to the
 * type of the stored tensor (nothing for float32, nearest even for bfloat16).
 *
 * <p>What every implementation owes:
 *
 * <ul>
 *   <li>Inputs are read in their type and computed on in float32 or better. A result is rounded
 *       where the formula of its op says R, and nowhere else: with a bfloat16 output at the points
 *       at which the reference implementations, op by op in bfloat16, round too (ADR 9); with a
 *       float32 output only when it is stored.
 *   <li>Ops are enqueued in the order of the calls; only {@link #download} and {@link #synchronize}
 *       wait. One thread at a time uses a back end.
 *   <li>An op reads its inputs and writes {@code out}, never both the same memory, except where it
 *       says that they may be one.
 *   <li>Ops allocate nothing that grows with the tensors, once they have met a shape.
 *   <li>Shapes that do not fit, and an output that lies over an input against the rule above, raise
 *       {@link IllegalArgumentException} with both shapes ({@link OpShapes}).
 * </ul>
 */
public interface Backend extends AutoCloseable {

  /** Short name as on the command line: "reference", "cpu". */
  String name();

  /** One line for people: library, version, instruction set, threads. */
  String description();

  /** A new, empty store of weights for activations of {@code computeType}. */
  WeightStore weights(DType computeType);

  /**
   * Activation memory of {@code bytes}.
   *
   * @throws DeviceMemoryException if a device has not so much left
   */
  Workspace workspace(long bytes);

  /** Copies {@code source} to {@code out}, of the same type and number of elements. */
  void upload(HostTensor source, Tensor out);

  /** Waits for every op before, then gives the elements of {@code source}, contiguous. */
  HostTensor download(Tensor source);

  /** Waits until every op before is done: whoever tells of progress asks for it. */
  void synchronize();

  /** out = R(x): copies (M, N), converting between types. */
  void copy(Tensor x, Tensor out);

  /** out = epilogue(R(x·Wᵀ + b)). x: (M, K), W: (N, K), out: (M, N). */
  void linear(Tensor x, Weight.Linear weight, Epilogue epilogue, Tensor out);

  /**
   * out = epilogue(R(x ⋆ w + b)), cross-correlation. x: (B, h, w, Cin), out: (B, h', w', Cout).
   * Only {@link Epilogue.None} and {@link Epilogue.Add} are allowed.
   */
  void convolve(
      Tensor x,
      Weight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out);

  /**
   * out = softmax(scale · q·kᵀ + mask)·v for each sequence and head. q, out: (B·queries, H·K); k,
   * v: (B·keys, Hkv·K). Logits are float32, and so is the sum of their exponentials, relative to
   * the largest logit of all keys or of some, by which the result is divided in the end; the
   * exponentials themselves are rounded to the type of q before the product with v, and if that is
   * bfloat16 they may be off by 10⁻⁴ of themselves.
   */
  void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out);

  /**
   * Rotates the pairs of every head: (a, b) → (R(Rt(a·cos) − Rt(b·sin)), R(Rt(b·cos) + Rt(a·sin))),
   * Rt rounding to the wider of the types of x and of the table. An RMS norm over the head comes
   * first if one is given, rounded to the type of x as its {@link HeadNorm.Order} says. x, out:
   * (B·T, H·K), table: (T, K/2); row r uses position r mod T. {@code out} may be {@code x}.
   */
  void rotate(Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out);

  /** out = R(w · R(x · rsqrt(mean(x²) + eps))), mean over a row. x, out: (M, N), w: (N). */
  void rmsNorm(Tensor x, Weight.Vector weight, float eps, Tensor out);

  /**
   * out = R(R(R(1 + scale) · R(LN(x))) + shift), LN(x) = (x − mean) · rsqrt(variance + eps) over a
   * row, biased variance. x, out: (M, N); scale, shift: (1, N).
   */
  void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out);

  /**
   * out = R(w · LN(x) + b), LN(x) = (x − mean) · rsqrt(variance + eps) over a row, biased variance.
   * x, out: (M, N); w, b: (N).
   */
  void layerNorm(Tensor x, Weight.Vector weight, Weight.Vector bias, float eps, Tensor out);

  /**
   * out = activation(R(w · GN(x) + b)), GN the norm over (h, w) and the channels of a group, biased
   * variance; the activation is {@link Epilogue.None} or {@link Epilogue.Silu}. x, out: (B, h, w,
   * C).
   */
  void groupNorm(Tensor x, GroupNorm norm, Epilogue activation, Tensor out);

  /** out = R(x / (1 + exp(−x))). x, out: (M, N). {@code out} may be {@code x}. */
  void silu(Tensor x, Tensor out);

  /** out = R(x + y). All: (M, N). {@code out} may be either. */
  void add(Tensor x, Tensor y, Tensor out);

  /**
   * Inpainting: out = R(R(R(1 − mask) · kept) + R(mask · repainted)). mask: (M, 1), 0 for rows that
   * stay and 1 for new ones; all others: (M, N). {@code out} may be kept or repainted.
   */
  void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out);

  /** out[r] = table[ids[r]]. ids: 32-bit integers (M), out: (M, N). */
  void embed(Tensor ids, Weight.Embedding table, Tensor out);

  /** Every pixel becomes 2 × 2. x: (B, h, w, C), out: (B, 2h, 2w, C). */
  void upsampleNearest(Tensor x, Tensor out);

  /**
   * One Euler step: out = R(x + Rv(Rv(dt) · velocity)), Rv rounding to the type of velocity. All:
   * (M, N). {@code out} may be {@code x}.
   */
  void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out);

  /**
   * Classifier-free guidance: out = R(negative + R(scale · R(positive − negative))). All: (M, N).
   * {@code out} may be either.
   */
  void guide(Tensor negative, Tensor positive, float scale, Tensor out);

  /** Frees what the back end holds; its weight stores and workspaces must be closed before. */
  @Override
  void close();
}
