/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.image.decode;

import org.jspecify.annotations.NullMarked;
