/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.engine.backend.cpu.onednn;

import org.jspecify.annotations.NullMarked;
