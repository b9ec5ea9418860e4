/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.engine.backend.cpu.vector;

import org.jspecify.annotations.NullMarked;
