package dev.fluxgate.engine.backend.cpu;

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
import dev.fluxgate.engine.backend.cpu.onednn.NativeLedger;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnLibrary;
import dev.fluxgate.engine.backend.cpu.onednn.OneDnnType;
import dev.fluxgate.engine.backend.cpu.vector.FloatRows;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Products through oneDNN, everything else through the Vector API, on threads of its own. Ops run
 * when they are called and are done when the call returns.
 */
public final class CpuBackend implements Backend {
  private final CpuResources resources;
  private final PlacementPolicy policy;
  private final LinearOp linear;
  private final ConvolutionOp convolution;
  private final AttentionOp attention;
  private final GroupNormOp groupNorm;
  private final RowOps rows;
  private boolean closed;

  /** A back end on {@code threads} threads, the caller's among them. */
  public CpuBackend(int threads) {
    this(threads, PlacementPolicy.halfOfMemory());
  }

  /** A back end on {@code threads} threads that packs weights as {@code policy} says. */
  public CpuBackend(int threads, PlacementPolicy policy) {
    this.policy = policy;
    resources = new CpuResources(threads);
    linear = new LinearOp(resources);
    convolution = new ConvolutionOp(resources);
    attention = new AttentionOp(resources);
    groupNorm = new GroupNormOp(resources);
    rows = new RowOps(resources);
  }

  /** Why models that compute in {@code computeType} cannot use this back end; empty if they can. */
  public static Optional<String> whyUnavailable(DType computeType) {
    Optional<String> missing = OneDnnLibrary.whyUnavailable();
    if (missing.isPresent() || computeType == DType.F32) {
      return missing;
    }
    try (OneDnnEngine probe = new OneDnnEngine(1)) {
      return probe.hasFastProducts(OneDnnType.of(computeType))
          ? Optional.empty()
          : Optional.of(
              "oneDNN: no fast %s on %s (expected: a CPU with AVX-512, or float32)"
                  .formatted(computeType, OneDnnEngine.instructionSet()));
    }
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return "cpu: oneDNN "
        + OneDnnEngine.version()
        + ", "
        + OneDnnEngine.instructionSet()
        + ", "
        + resources.partition().workers()
        + " threads";
  }

  /** What this back end has taken from native memory, workspaces apart. */
  public NativeLedger ledger() {
    return resources.engine().ledger();
  }

  @Override
  public WeightStore weights(DType computeType) {
    if (!computeType.isCompute()) {
      throw new IllegalArgumentException(
          "compute type: " + computeType + " (expected: F32 or BF16)");
    }
    return new CpuWeights(resources, policy, computeType);
  }

  @Override
  public Workspace workspace(long bytes) {
    return new HostWorkspace(bytes);
  }

  @Override
  public void upload(HostTensor source, Tensor out) {
    OpShapes.transfer("upload", source, out);
    MemorySegment target = FloatRows.segment(out);
    long width = out.dtype().bytes(out.columns());
    for (int row = 0; row < out.rows(); row++) {
      long at = out.dtype().bytes(out.offset() + row * out.rowStride());
      MemorySegment.copy(source.data(), row * width, target, at, width);
    }
  }

  @Override
  public HostTensor download(Tensor source) {
    HostTensor target = HostTensor.zeros(source.dtype(), source.shape());
    MemorySegment segment = FloatRows.segment(source);
    long width = source.dtype().bytes(source.columns());
    for (int row = 0; row < source.rows(); row++) {
      long at = source.dtype().bytes(source.offset() + row * source.rowStride());
      MemorySegment.copy(segment, at, target.data(), row * width, width);
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
    rows.copy(x, out);
  }

  @Override
  public void linear(Tensor x, Weight.Linear weight, Epilogue epilogue, Tensor out) {
    OpShapes.linear(x, weight, epilogue, out);
    linear.run(x, CpuWeight.own(weight, CpuWeight.Linear.class), epilogue, out);
  }

  @Override
  public void convolve(
      Tensor x,
      Weight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    OpShapes.convolve(x, filter, geometry, epilogue, out);
    CpuWeight.Convolution own = CpuWeight.own(filter, CpuWeight.Convolution.class);
    convolution.run(x, own, geometry, epilogue, out);
  }

  @Override
  public void attention(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    OpShapes.attention(q, k, v, geometry, mask, out);
    attention.run(q, k, v, geometry, mask, out);
  }

  @Override
  public void rotate(Tensor x, int heads, @Nullable HeadNorm norm, RotaryTable table, Tensor out) {
    OpShapes.rotate(x, heads, norm, table, out);
    rows.rotate(x, heads, norm, table, out);
  }

  @Override
  public void rmsNorm(Tensor x, Weight.Vector weight, float eps, Tensor out) {
    OpShapes.rmsNorm(x, weight, out);
    rows.rmsNorm(x, CpuWeight.own(weight, CpuWeight.Vector.class).values, eps, out);
  }

  @Override
  public void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    OpShapes.modulatedLayerNorm(x, shift, scale, out);
    rows.modulatedLayerNorm(x, shift, scale, eps, out);
  }

  @Override
  public void layerNorm(Tensor x, Weight.Vector weight, Weight.Vector bias, float eps, Tensor out) {
    OpShapes.layerNorm(x, weight, bias, out);
    float[] gains = CpuWeight.own(weight, CpuWeight.Vector.class).values;
    rows.layerNorm(x, gains, CpuWeight.own(bias, CpuWeight.Vector.class).values, eps, out);
  }

  @Override
  public void groupNorm(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    OpShapes.groupNorm(x, norm, activation, out);
    groupNorm.run(x, norm, activation, out);
  }

  @Override
  public void silu(Tensor x, Tensor out) {
    OpShapes.elementwise("silu", x, out);
    rows.silu(x, out);
  }

  @Override
  public void add(Tensor x, Tensor y, Tensor out) {
    OpShapes.add(x, y, out);
    rows.add(x, y, out);
  }

  @Override
  public void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    OpShapes.blend(kept, repainted, mask, out);
    rows.blend(kept, repainted, mask, out);
  }

  @Override
  public void embed(Tensor ids, Weight.Embedding table, Tensor out) {
    OpShapes.embed(ids, table, out);
    rows.embed(ids, CpuWeight.own(table, CpuWeight.Embedding.class), out);
  }

  @Override
  public void upsampleNearest(Tensor x, Tensor out) {
    OpShapes.upsampleNearest(x, out);
    rows.upsampleNearest(x, out);
  }

  @Override
  public void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out) {
    OpShapes.eulerStep(x, velocity, out);
    rows.eulerStep(x, velocity, dt, out);
  }

  @Override
  public void guide(Tensor negative, Tensor positive, float scale, Tensor out) {
    OpShapes.guide(negative, positive, out);
    rows.guide(negative, positive, scale, out);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      attention.close();
      resources.close();
    }
  }
}
