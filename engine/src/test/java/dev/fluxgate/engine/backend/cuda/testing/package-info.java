/**
 * A CUDA driver for tests that runs kernels on the processor. Start at {@link
 * dev.fluxgate.engine.backend.cuda.testing.NeedsCuda}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.testing;

import org.jspecify.annotations.NullMarked;
