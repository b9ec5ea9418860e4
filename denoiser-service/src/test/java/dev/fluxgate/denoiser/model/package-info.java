/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.model;

import org.jspecify.annotations.NullMarked;
