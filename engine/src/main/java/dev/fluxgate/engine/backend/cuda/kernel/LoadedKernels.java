package dev.fluxgate.engine.backend.cuda.kernel;

import dev.fluxgate.engine.backend.cuda.driver.CudaContext;
import dev.fluxgate.engine.backend.cuda.driver.CudaFunction;
import dev.fluxgate.engine.backend.cuda.driver.CudaModule;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernels of one context, each file loaded when the first of its kernels is asked for. Confined
 * to the device thread.
 */
public final class LoadedKernels {
  private final CudaContext context;
  private final KernelImages images;
  private final Map<String, CudaModule> modules = new HashMap<>();
  private final Map<CudaKernel, CudaFunction> functions = new EnumMap<>(CudaKernel.class);

  /** None loaded yet. */
  public LoadedKernels(CudaContext context, KernelImages images) {
    this.context = context;
    this.images = images;
  }

  /** What can be launched for {@code kernel}. */
  public CudaFunction function(CudaKernel kernel) {
    CudaFunction known = functions.get(kernel);
    if (known != null) {
      return known;
    }
    CudaModule module = modules.get(kernel.file());
    if (module == null) {
      module = context.load(images.name(kernel.file()), images.read(kernel.file()));
      modules.put(kernel.file(), module);
    }
    CudaFunction function =
        module.function(kernel.symbol(), kernel.threads(), kernel.sharedBytes());
    functions.put(kernel, function);
    return function;
  }

  /** Takes all of them off the device. */
  public void unload() {
    modules.values().forEach(CudaModule::unload);
    modules.clear();
    functions.clear();
  }
}
