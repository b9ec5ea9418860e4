package dev.fluxgate.cli.kernels;

import dev.fluxgate.engine.backend.cuda.cubin.KernelResources;
import dev.fluxgate.engine.backend.cuda.cubin.Opcode;
import dev.fluxgate.engine.backend.cuda.cubin.TensorLoop;
import dev.fluxgate.engine.backend.cuda.kernel.CompiledKernels;
import dev.fluxgate.engine.backend.cuda.kernel.CudaKernel;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What is told of a kernel on an architecture.
 *
 * @param title in the head of the table
 * @param meaning in words
 * @param reader of the figure
 */
record KernelColumn(
    String title, String meaning, BiFunction<CudaKernel, CompiledKernels, Object> reader) {
  /** From left to right. */
  static final List<KernelColumn> ALL =
      List.of(
          new KernelColumn("threads", "of a block", (kernel, _) -> kernel.threads()),
          new KernelColumn(
              "shared",
              "bytes of shared memory of a block, static + the most dynamic",
              (kernel, of) -> of.resources(kernel).sharedBytes() + "+" + kernel.sharedBytes()),
          new KernelColumn(
              "registers",
              "of 32 bits, of a thread",
              (kernel, of) -> of.resources(kernel).registers()),
          new KernelColumn(
              "stack",
              "bytes of memory of a thread for spilled registers and indexed arrays",
              (kernel, of) -> of.resources(kernel).stackBytes()),
          new KernelColumn(
              "LDL+STL",
              "instructions that load from and store to that memory",
              (kernel, of) ->
                  of.resources(kernel).count(Opcode.LDL) + of.resources(kernel).count(Opcode.STL)),
          new KernelColumn(
              "blocks", "a multiprocessor holds", (kernel, of) -> of.occupancy(kernel).blocks()),
          new KernelColumn(
              "occupancy",
              "warps of these in percent of what it could hold",
              (kernel, of) -> of.occupancy(kernel).percent()),
          new KernelColumn(
              "limit",
              "why no more: R registers, S shared memory, T threads, B blocks",
              (kernel, of) -> of.occupancy(kernel).limit().name().charAt(0)),
          new KernelColumn(
              "HMMA",
              "instructions that multiply on tensor cores",
              (kernel, of) -> of.resources(kernel).count(Opcode.HMMA)),
          new KernelColumn(
              "loop",
              "share of these in the loop that has most, in percent of its instructions",
              (kernel, of) -> densest(of.resources(kernel))));

  private static int densest(KernelResources resources) {
    return resources.tensorLoops().stream().mapToInt(TensorLoop::percent).max().orElse(0);
  }

  /** The figure of {@code kernel} in {@code compiled}. */
  String figure(CudaKernel kernel, CompiledKernels compiled) {
    return reader.apply(kernel, compiled).toString();
  }
}
