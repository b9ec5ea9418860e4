/** Tests of the package of the same name. */
@NullMarked
package dev.fluxgate.denoiser.job;

import org.jspecify.annotations.NullMarked;
