/**
 * Rows of float32 and bfloat16 as vectors, and the threads that share them out. Start at {@link
 * dev.fluxgate.engine.backend.cpu.vector.RowPartition}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cpu.vector;

import org.jspecify.annotations.NullMarked;
