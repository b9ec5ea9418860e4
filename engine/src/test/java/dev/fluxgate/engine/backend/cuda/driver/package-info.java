/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.engine.backend.cuda.driver;

import org.jspecify.annotations.NullMarked;
