/**
 * The kernels: their catalogue, their images, and the bytes of their arguments. Start at {@link
 * dev.fluxgate.engine.backend.cuda.kernel.CudaKernel}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.kernel;

import org.jspecify.annotations.NullMarked;
