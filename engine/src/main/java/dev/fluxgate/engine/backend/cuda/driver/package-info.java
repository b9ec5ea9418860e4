/**
 * The CUDA driver API, and the one thread that may call it: loading, checked calls, contexts,
 * modules, launches. Start at {@link dev.fluxgate.engine.backend.cuda.driver.CudaContext}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.driver;

import org.jspecify.annotations.NullMarked;
