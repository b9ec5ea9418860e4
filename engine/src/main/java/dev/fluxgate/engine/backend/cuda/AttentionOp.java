package dev.fluxgate.engine.backend.cuda;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.cuda.driver.Grid;
import dev.fluxgate.engine.backend.cuda.kernel.CudaCalls;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import dev.fluxgate.engine.backend.cuda.kernel.DeviceMatrix;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Attention: on tensor cores for the head widths of the models, plainly for any other. */
final class AttentionOp {
  /** Queries of a block of the kernels on tensor cores, and of the plain one. */
  private static final int FAST_QUERIES = 64;

  private static final int PLAIN_QUERIES = 16;

  /** Features of a head that the plain kernel has registers for. */
  private static final int MOST_FEATURES = 512;

  private final CudaDevice device;

  AttentionOp(CudaDevice device) {
    this.device = device;
  }

  void run(
      Tensor q, Tensor k, Tensor v, AttentionGeometry geometry, AttentionMask mask, Tensor out) {
    if (geometry.headDim() > MOST_FEATURES) {
      throw new IllegalArgumentException(
          "attention: heads of %d features (expected: at most %d on a GPU)"
              .formatted(geometry.headDim(), MOST_FEATURES));
    }
    if (out.shape().count() == 0) {
      return;
    }
    // The ranges of a mask lie in the argument of the kernel, which holds so many.
    int most =
        switch (mask) {
          case AttentionMask.Full _, AttentionMask.Among _, AttentionMask.Biased _ -> Grid.MOST;
          case AttentionMask.Causal _ -> CudaCalls.MOST_SEQUENCES;
        };
    boolean fast =
        !(mask instanceof AttentionMask.Biased) && isFast(q, k, v, out, geometry.headDim());
    DeviceMatrix bias =
        switch (mask) {
          case AttentionMask.Full _, AttentionMask.Among _, AttentionMask.Causal _ ->
              DeviceMatrix.NONE;
          case AttentionMask.Biased(Tensor biases) -> DeviceMatrix.of(biases);
        };
    for (int from = 0; from < geometry.batch(); from += most) {
      int count = Math.min(most, geometry.batch() - from);
      Range sequences = new Range(from, count);
      launch(
          new CudaCalls.AttentionOperands(
              sequences.of(q, geometry.queries()),
              sequences.of(k, geometry.keys()),
              sequences.of(v, geometry.keys()),
              sequences.of(out, geometry.queries()),
              bias),
          new CudaCalls.AttentionSizes(
              count,
              geometry.queries(),
              geometry.keys(),
              AttentionMask.quick(mask, geometry.keys()),
              geometry.heads(),
              geometry.keyValueHeads(),
              geometry.headDim()),
          sequences.live(mask),
          geometry.scale(),
          fast,
          List.of(q, k, v));
    }
  }

  /**
   * Neighbouring sequences of a batch.
   *
   * @param from the first
   * @param count how many
   */
  private record Range(int from, int count) {
    DeviceMatrix of(Tensor tensor, int rows) {
      return DeviceMatrix.of(tensor).rows(from * rows, count * rows);
    }

    /** The keys that a causal mask leaves; none where every key is seen. */
    Optional<List<AttentionMask.KeyRange>> live(AttentionMask mask) {
      return mask instanceof AttentionMask.Causal causal
          ? Optional.of(causal.live().subList(from, from + count))
          : Optional.empty();
    }
  }

  private void launch(
      CudaCalls.AttentionOperands operands,
      CudaCalls.AttentionSizes sizes,
      Optional<List<AttentionMask.KeyRange>> live,
      float scale,
      boolean fast,
      List<Tensor> inputs) {
    List<AttentionMask.KeyRange> ranges = live.orElse(List.of());
    int[] first = ranges.stream().mapToInt(AttentionMask.KeyRange::first).toArray();
    int[] end = ranges.stream().mapToInt(AttentionMask.KeyRange::end).toArray();
    device.launch(
        KernelCall.of(
            kernel(fast, sizes.headDim()),
            new Grid(
                Math.ceilDiv(sizes.queries(), fast ? FAST_QUERIES : PLAIN_QUERIES),
                sizes.heads(),
                sizes.batch()),
            CudaCalls.attention(operands, sizes, live.isPresent(), scale, first, end),
            (long) sizes.batch() * sizes.queries() * sizes.heads() * sizes.headDim(),
            inputs.stream().map(Tensor::shape).toArray(Shape[]::new)));
  }

  private static CudaKernel kernel(boolean fast, int headDim) {
    if (!fast) {
      return CudaKernel.ATTENTION_ANY;
    }
    return headDim == 64 ? CudaKernel.ATTENTION_BF16_64 : CudaKernel.ATTENTION_BF16_128;
  }

  private static boolean isFast(Tensor q, Tensor k, Tensor v, Tensor out, int headDim) {
    return (headDim == 64 || headDim == 128)
        && Stream.of(q, k, v, out).allMatch(tensor -> tensor.dtype() == DType.BF16)
        && Stream.of(q, k, v).allMatch(tensor -> DeviceMatrix.of(tensor).isAligned());
  }
}
