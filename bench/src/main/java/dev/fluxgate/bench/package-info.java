/**
 * Ops → GFLOP/s and GB/s, for every back end, type and model size. Start at {@link
 * dev.fluxgate.bench.LinearBenchmark}.
 */
@NullMarked
package dev.fluxgate.bench;

import org.jspecify.annotations.NullMarked;
