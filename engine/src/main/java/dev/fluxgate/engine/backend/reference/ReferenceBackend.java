package dev.fluxgate.engine.backend.reference;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.HostWorkspace;
import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Every op as its formula reads: plain loops, sums in float64, rounded where the contract says R,
 * epilogues as a step of their own. Rows are spread over the common pool; each is computed by one
 * thread in one order, so results are the same on every run and every machine.
 *
 * <p>Inputs and outputs may each be float32 or bfloat16. Memory must be reachable from every thread
 * (no confined arena). Unlike a fast back end it takes short-lived heap arrays for rows.
 */
public final class ReferenceBackend implements Backend {

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return "reference: plain Java loops, float64 sums, up to "
        + Runtime.getRuntime().availableProcessors()
        + " threads";
  }

  @Override
  public WeightStore weights(DType computeType) {
    return new ReferenceWeights(computeType);
  }

  @Override
  public Workspace workspace(long bytes) {
    return new HostWorkspace(bytes);
  }

  @Override
  public void upload(HostTensor source, Tensor out) {
    OpShapes.transfer("upload", source, out);
    TensorRows rows = new TensorRows(out);
    long at = 0;
    for (int row = 0; row < rows.rows(); row++) {
      MemorySegment bytes = rows.bytes(row);
      bytes.copyFrom(source.data().asSlice(at, bytes.byteSize()));
      at += bytes.byteSize();
    }
  }

  @Override
  public HostTensor download(Tensor source) {
    HostTensor target = HostTensor.zeros(source.dtype(), source.shape());
    TensorRows rows = new TensorRows(source);
    long at = 0;
    for (int row = 0; row < rows.rows(); row++) {
      MemorySegment bytes = rows.bytes(row);
      target.data().asSlice(at, bytes.byteSize()).copyFrom(bytes);
      at += bytes.byteSize();
    }
    return target;
  }

  @Override
  public void synchronize() {
    // An op is done when its call returns.
  }

  @Override
  public void copy(Tensor x, Tensor out) {
    OpShapes.elementwise("copy", x, out);
    ReferenceElementwise.copy(x, out);
  }

  @Override
  public void linear(Tensor x, Weight.Linear weight, Epilogue epilogue, Tensor out) {
    OpShapes.linear(x, weight, epilogue, out);
    ReferenceLinear.linear(x, own(weight, ReferenceWeights.Matrix.class), epilogue, out);
  }

  @Override
  public void convolve(
      Tensor x,
      Weight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    OpShapes.convolve(x, filter, geometry, epilogue, out);
    ReferenceWeights.Filter own = own(filter, ReferenceWeights.Filter.class);
    ReferenceConvolution.convolve(x, own, geometry, epilogue, out);
  }

  @Override
  public void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    OpShapes.attention(q, k, v, geometry, mask, out);
    ReferenceAttention.attention(q, k, v, geometry, mask, out);
  }

  @Override
  public void rotate(Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out) {
    OpShapes.rotate(x, heads, norm, table, out);
    ReferenceRotary.Norm own =
        norm == null
            ? null
            : new ReferenceRotary.Norm(channels(norm.weight()), norm.eps(), norm.order());
    ReferenceRotary.rotate(x, heads, own, table, out);
  }

  @Override
  public void rmsNorm(Tensor x, Weight.Vector weight, float eps, Tensor out) {
    OpShapes.rmsNorm(x, weight, out);
    ReferenceNorms.rmsNorm(x, channels(weight), eps, out);
  }

  @Override
  public void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    OpShapes.modulatedLayerNorm(x, shift, scale, out);
    ReferenceNorms.modulatedLayerNorm(x, shift, scale, eps, out);
  }

  @Override
  public void layerNorm(Tensor x, Weight.Vector weight, Weight.Vector bias, float eps, Tensor out) {
    OpShapes.layerNorm(x, weight, bias, out);
    ReferenceNorms.layerNorm(x, channels(weight), channels(bias), eps, out);
  }

  @Override
  public void groupNorm(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    OpShapes.groupNorm(x, norm, activation, out);
    float[] weight = channels(norm.weight());
    float[] bias = channels(norm.bias());
    ReferenceNorms.groupNorm(x, weight, bias, norm.groups(), norm.eps(), activation, out);
  }

  @Override
  public void silu(Tensor x, Tensor out) {
    OpShapes.elementwise("silu", x, out);
    ReferenceElementwise.silu(x, out);
  }

  @Override
  public void add(Tensor x, Tensor y, Tensor out) {
    OpShapes.add(x, y, out);
    ReferenceElementwise.add(x, y, out);
  }

  @Override
  public void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    OpShapes.blend(kept, repainted, mask, out);
    ReferenceElementwise.blend(kept, repainted, mask, out);
  }

  @Override
  public void embed(Tensor ids, Weight.Embedding table, Tensor out) {
    OpShapes.embed(ids, table, out);
    ReferenceElementwise.embed(ids, own(table, ReferenceWeights.Table.class), out);
  }

  @Override
  public void upsampleNearest(Tensor x, Tensor out) {
    OpShapes.upsampleNearest(x, out);
    ReferenceConvolution.upsampleNearest(x, out);
  }

  @Override
  public void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out) {
    OpShapes.eulerStep(x, velocity, out);
    ReferenceElementwise.eulerStep(x, velocity, dt, out);
  }

  @Override
  public void guide(Tensor negative, Tensor positive, float scale, Tensor out) {
    OpShapes.guide(negative, positive, out);
    ReferenceElementwise.guide(negative, positive, scale, out);
  }

  /** Holds nothing beyond its stores and workspaces. */
  @Override
  public void close() {}

  static float[] channels(Weight.Vector vector) {
    return own(vector, ReferenceWeights.Channels.class).values;
  }

  private static <W extends Weight> W own(Weight weight, Class<W> type) {
    if (!type.isInstance(weight)) {
      throw new IllegalArgumentException(
          "weight: "
              + weight.getClass().getSimpleName()
              + " (expected: one prepared by the reference back end)");
    }
    return type.cast(weight);
  }
}
