/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.engine.backend.cuda.thread;

import org.jspecify.annotations.NullMarked;
