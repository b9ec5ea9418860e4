/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.image.encode;

import org.jspecify.annotations.NullMarked;
