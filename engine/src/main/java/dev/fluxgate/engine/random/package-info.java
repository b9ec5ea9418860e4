/**
 * Seed → the numbers torch draws from it on a CPU. Start at {@link
 * dev.fluxgate.engine.random.TorchGenerator}.
 */
@NullMarked
package dev.fluxgate.engine.random;

import org.jspecify.annotations.NullMarked;
