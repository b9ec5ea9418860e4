/** The CUDA back end against the contract, on a driver that runs kernels on the processor. */
@NullMarked
package dev.fluxgate.engine.backend.cuda;

import org.jspecify.annotations.NullMarked;
