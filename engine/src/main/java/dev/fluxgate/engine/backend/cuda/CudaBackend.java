package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.ConvolutionGeometry;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.OpShapes;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.cuda.driver.CudaDeviceLostException;
import dev.fluxgate.engine.backend.cuda.driver.CudaLibrary;
import dev.fluxgate.engine.backend.cuda.driver.CudaOutOfMemoryException;
import dev.fluxgate.engine.backend.cuda.driver.CudaUnavailableException;
import dev.fluxgate.engine.backend.cuda.driver.DeviceProperties;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.memory.DeviceLedger;
import dev.fluxgate.engine.backend.cuda.memory.DeviceRows;
import dev.fluxgate.engine.backend.cuda.memory.PinnedStaging;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Own kernels on an NVIDIA device. Ops are checked and enqueued by the caller, launched by the
 * thread of the device and run by the device; what fails on the way is thrown by a later call,
 * {@link #download} at the latest. After a {@link CudaDeviceLostException} everything fails; this
 * back end is then to be closed, and another one opened.
 */
public final class CudaBackend implements Backend {
  private final CudaDevice device;
  private final ProductOps products;
  private final AttentionOp attention;
  private final GroupNormOp groupNorm;
  private final RowOps rows;

  /**
   * A back end on device {@code ordinal}.
   *
   * @throws CudaUnavailableException if there is none, with the reason
   */
  public CudaBackend(int ordinal) {
    this(ordinal, PinnedStaging.BUFFER_BYTES, false);
  }

  /**
   * A back end whose ops all run on naive kernels, one thread a result, to judge the others by; it
   * takes no output that is an input.
   *
   * @throws CudaUnavailableException if there is no device {@code ordinal}, with the reason
   */
  public static CudaBackend twins(int ordinal) {
    return new CudaBackend(ordinal, PinnedStaging.BUFFER_BYTES, true);
  }

  /** A back end whose transfers are cut into pieces of {@code stagingBytes}. */
  CudaBackend(int ordinal, long stagingBytes, boolean twins) {
    whyUnavailable(ordinal)
        .ifPresent(reason -> {
          throw new CudaUnavailableException(reason);
        });
    device = new CudaDevice(ordinal, stagingBytes, twins);
    products = new ProductOps(device);
    attention = new AttentionOp(device);
    groupNorm = new GroupNormOp(device);
    rows = new RowOps(device);
  }

  /** Why device {@code ordinal} cannot be used; empty if it can. */
  public static Optional<String> whyUnavailable(int ordinal) {
    return CudaLibrary.whyUnavailable(ordinal);
  }

  /** Why the first device is not what one takes where nothing is asked for; empty if it is. */
  public static Optional<String> whyNotChosen() {
    return whyUnavailable(0)
        .or(() ->
            CudaLibrary.isEmulated()
                ? Optional.of("cuda: emulated, only if asked for")
                : Optional.empty());
  }

  /** What the device is. */
  public DeviceProperties properties() {
    return device.properties();
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String description() {
    DeviceProperties properties = device.properties();
    return "cuda:%d: %s, compute capability %d.%d, %d MiB, driver for CUDA %s, kernels as %s"
        .formatted(
            device.ordinal(),
            properties.name(),
            properties.major(),
            properties.minor(),
            properties.totalBytes() >> 20,
            properties.driver(),
            device.imageKind());
  }

  /** Bytes of the device's memory that nobody has taken, as the driver counts. */
  public long freeBytes() {
    return device.freeBytes();
  }

  /** What this back end has taken of the memory of the device. */
  public DeviceLedger ledger() {
    return device.ledger();
  }

  /** Whether the device failed, so that this back end fails every call. */
  public boolean isLost() {
    return device.isLost();
  }

  @Override
  public WeightStore weights(DType computeType) {
    if (!computeType.isCompute()) {
      throw new IllegalArgumentException(
          "compute type: " + computeType + " (expected: F32 or BF16)");
    }
    return new CudaWeights(device, computeType, new WeightUpload(device, computeType));
  }

  /**
   * A store that makes weights up on the device, a function of {@code seed} and of the order of the
   * calls: for measurements, where only shapes count.
   */
  public WeightStore randomWeights(DType computeType, long seed) {
    return new CudaWeights(device, computeType, new WeightFill(device, computeType, seed));
  }

  /**
   * Activation memory of {@code bytes}, in one piece.
   *
   * @throws CudaOutOfMemoryException if the device has not so much, with what it has
   */
  @Override
  public Workspace workspace(long bytes) {
    return new DeviceWorkspace(device, bytes);
  }

  @Override
  public void upload(HostTensor source, Tensor out) {
    OpShapes.transfer("upload", source, out);
    device.upload(
        DeviceRows.of(out),
        1,
        (offset, target) -> target.copyFrom(source.data().asSlice(offset, target.byteSize())));
  }

  @Override
  public HostTensor download(Tensor source) {
    HostTensor target = HostTensor.zeros(source.dtype(), source.shape());
    device.download(
        DeviceRows.of(source),
        (offset, piece) -> MemorySegment.copy(piece, 0, target.data(), offset, piece.byteSize()));
    return target;
  }

  @Override
  public void synchronize() {
    device.synchronize();
  }

  @Override
  public void copy(Tensor x, Tensor out) {
    OpShapes.elementwise("copy", x, out);
    rows.elementwise(CudaKernel.COPY, x, null, 0, out);
  }

  @Override
  public void linear(Tensor x, Weight.Linear weight, Epilogue epilogue, Tensor out) {
    OpShapes.linear(x, weight, epilogue, out);
    products.linear(x, CudaWeight.own(weight, CudaWeight.Linear.class), epilogue, out);
  }

  @Override
  public void convolve(
      Tensor x,
      Weight.Convolution filter,
      ConvolutionGeometry geometry,
      Epilogue epilogue,
      Tensor out) {
    OpShapes.convolve(x, filter, geometry, epilogue, out);
    CudaWeight.Convolution own = CudaWeight.own(filter, CudaWeight.Convolution.class);
    products.convolve(x, own, geometry, epilogue, out);
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
    rows.rmsNorm(x, CudaWeight.own(weight, CudaWeight.Vector.class), eps, out);
  }

  @Override
  public void modulatedLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps, Tensor out) {
    OpShapes.modulatedLayerNorm(x, shift, scale, out);
    rows.modulatedLayerNorm(x, shift, scale, eps, out);
  }

  @Override
  public void layerNorm(Tensor x, Weight.Vector weight, Weight.Vector bias, float eps, Tensor out) {
    throw new UnsupportedOperationException("layerNorm");
  }

  @Override
  public void groupNorm(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    OpShapes.groupNorm(x, norm, activation, out);
    groupNorm.run(x, norm, activation, out);
  }

  @Override
  public void silu(Tensor x, Tensor out) {
    OpShapes.elementwise("silu", x, out);
    rows.elementwise(CudaKernel.SILU_ALL, x, null, 0, out);
  }

  @Override
  public void add(Tensor x, Tensor y, Tensor out) {
    throw new UnsupportedOperationException("add");
  }

  @Override
  public void blend(Tensor kept, Tensor repainted, Tensor mask, Tensor out) {
    throw new UnsupportedOperationException("blend");
  }

  @Override
  public void embed(Tensor ids, Weight.Embedding table, Tensor out) {
    OpShapes.embed(ids, table, out);
    // The ids are looked at here, for a kernel that meets a wrong one could only spoil the context.
    // That waits, once a prompt, while nothing else runs.
    rows.embed(ids, download(ids), CudaWeight.own(table, CudaWeight.Embedding.class), out);
  }

  @Override
  public void upsampleNearest(Tensor x, Tensor out) {
    OpShapes.upsampleNearest(x, out);
    rows.upsampleNearest(x, out);
  }

  @Override
  public void eulerStep(Tensor x, Tensor velocity, float dt, Tensor out) {
    OpShapes.eulerStep(x, velocity, out);
    rows.elementwise(CudaKernel.EULER_STEP, x, velocity, dt, out);
  }

  @Override
  public void guide(Tensor negative, Tensor positive, float scale, Tensor out) {
    OpShapes.guide(negative, positive, out);
    rows.elementwise(CudaKernel.GUIDE, negative, positive, scale, out);
  }

  @Override
  public void close() {
    groupNorm.close();
    device.close();
  }
}
