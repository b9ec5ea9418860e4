/**
 * What a compiled kernel costs a multiprocessor, read from the cubin itself, so that no tool of
 * CUDA is needed. Start at {@link dev.fluxgate.engine.backend.cuda.cubin.CubinFile}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.cubin;

import org.jspecify.annotations.NullMarked;
