/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.image.resample;

import org.jspecify.annotations.NullMarked;
