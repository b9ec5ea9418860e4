/**
 * What the compiled CUDA kernels take of a device. Start at {@link
 * dev.fluxgate.cli.kernels.KernelsCommand}.
 */
@NullMarked
package dev.fluxgate.cli.kernels;

import org.jspecify.annotations.NullMarked;
