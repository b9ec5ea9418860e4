/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.engine.backend.choice;

import org.jspecify.annotations.NullMarked;
