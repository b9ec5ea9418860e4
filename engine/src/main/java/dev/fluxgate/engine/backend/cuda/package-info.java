/**
 * The CUDA back end: ops → launches of own kernels, on one device. Start at {@link
 * dev.fluxgate.engine.backend.cuda.CudaBackend}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda;

import org.jspecify.annotations.NullMarked;
