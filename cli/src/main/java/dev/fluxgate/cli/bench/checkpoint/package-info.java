/**
 * Whole model folders with made-up weights, of the size of released models: for measurements, where
 * only shapes count. Start at {@link dev.fluxgate.cli.bench.checkpoint.ModelWriter}.
 */
@NullMarked
package dev.fluxgate.cli.bench.checkpoint;

import org.jspecify.annotations.NullMarked;
