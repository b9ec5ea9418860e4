/**
 * Seed → the numbers torch draws from it, on a CPU ({@link
 * dev.fluxgate.engine.random.TorchGenerator}) or on a GPU ({@link
 * dev.fluxgate.engine.random.PhiloxGenerator}).
 */
@NullMarked
package dev.fluxgate.engine.random;

import org.jspecify.annotations.NullMarked;
