/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.image.prepare;

import org.jspecify.annotations.NullMarked;
