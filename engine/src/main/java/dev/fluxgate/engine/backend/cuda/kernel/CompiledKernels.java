package dev.fluxgate.engine.backend.cuda.kernel;

import dev.fluxgate.engine.backend.cuda.cubin.Architecture;
import dev.fluxgate.engine.backend.cuda.cubin.CubinFile;
import dev.fluxgate.engine.backend.cuda.cubin.KernelResources;
import dev.fluxgate.engine.backend.cuda.cubin.Occupancy;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What the kernels of the catalogue became for one architecture, read from the class path. */
public final class CompiledKernels {
  private final Architecture architecture;
  private final Map<CudaKernel, KernelResources> resources = new EnumMap<>(CudaKernel.class);

  private CompiledKernels(Architecture architecture) {
    this.architecture = architecture;
  }

  /**
   * Reads the images for {@code architecture}.
   *
   * @throws IllegalStateException if an image lacks a kernel
   */
  public static CompiledKernels of(Architecture architecture) {
    CompiledKernels compiled = new CompiledKernels(architecture);
    KernelImages images = KernelImages.of(architecture);
    Map<String, List<KernelResources>> files = new HashMap<>();
    for (CudaKernel kernel : CudaKernel.values()) {
      String name = images.name(kernel.file());
      compiled.resources.put(
          kernel,
          files
              .computeIfAbsent(kernel.file(), file -> CubinFile.kernels(images.read(file), name))
              .stream()
              .filter(each -> each.name().equals(kernel.symbol()))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalStateException(name + ": no " + kernel.symbol() + " (expected: it)")));
    }
    return compiled;
  }

  /** The architecture. */
  public Architecture architecture() {
    return architecture;
  }

  /** What {@code kernel} takes. */
  public KernelResources resources(CudaKernel kernel) {
    return Objects.requireNonNull(resources.get(kernel));
  }

  /** How many of its blocks a multiprocessor holds, with the most shared memory of a launch. */
  public Occupancy occupancy(CudaKernel kernel) {
    return Occupancy.of(architecture, resources(kernel), kernel.threads(), kernel.sharedBytes());
  }
}
