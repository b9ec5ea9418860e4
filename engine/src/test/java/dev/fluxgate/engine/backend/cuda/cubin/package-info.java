/** The gates on compiled kernels: what they cost, and that they are the sources'. */
@NullMarked
package dev.fluxgate.engine.backend.cuda.cubin;

import org.jspecify.annotations.NullMarked;
