package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.GroupNorm;
import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls.Steps;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.backend.cuda.memory.DeviceBlock;
import dev.fluxgate.engine.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Group norm in two launches: sums of runs of pixels, then the norm. */
final class GroupNormOp {
  /** Pixels that are worth a run of their own, and the most runs of a picture. */
  private static final int RUN_PIXELS = 256;

  private static final int MOST_RUNS = 64;

  /** Pixels that a block of the second kernel takes. */
  private static final int APPLIED_PIXELS = 128;

  private final CudaDevice device;
  private @Nullable DeviceBlock statistics;

  GroupNormOp(CudaDevice device) {
    this.device = device;
  }

  void run(Tensor x, GroupNorm norm, Epilogue activation, Tensor out) {
    if (out.shape().count() == 0) {
      return;
    }
    int batch = x.shape().size(0);
    int pixels = x.rows() / batch;
    int splits = Math.clamp(pixels / RUN_PIXELS, 1, MOST_RUNS);
    CudaCalls.Grouping grouping =
        new CudaCalls.Grouping(
            CudaWeight.address(norm.weight()),
            CudaWeight.address(norm.bias()),
            statistics(2L * Float.BYTES * batch * norm.groups() * splits).address(),
            batch,
            pixels,
            norm.groups(),
            splits,
            norm.eps(),
            activation instanceof Epilogue.Silu ? Steps.SILU : Steps.STORE);
    MemorySegment call = CudaCalls.groupNorm(DeviceMatrix.of(x), DeviceMatrix.of(out), grouping);
    device.launch(
        KernelCall.of(
            CudaKernel.GROUP_NORM_STATISTICS,
            new Grid(splits, norm.groups(), batch),
            call,
            out.shape().count(),
            x.shape()));
    device.launch(
        new KernelCall(
            CudaKernel.GROUP_NORM_APPLY,
            new Grid(Math.ceilDiv(pixels, APPLIED_PIXELS), batch, 1),
            2 * Float.BYTES * norm.groups(),
            call,
            out.shape().count(),
            List.of(x.shape())));
  }

  void close() {
    if (statistics != null) {
      device.release(List.of(statistics));
      statistics = null;
    }
  }

  /** Kept from call to call, and replaced once a shape needs more. */
  private DeviceBlock statistics(long bytes) {
    DeviceBlock block = statistics;
    if (block == null || block.capacity() < bytes) {
      close();
      block = device.acquire(bytes);
      statistics = block;
    }
    return block;
  }
}
