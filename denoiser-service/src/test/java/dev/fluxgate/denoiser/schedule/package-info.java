/** Tests of number of steps → noise levels. */
@NullMarked
package dev.fluxgate.denoiser.schedule;

import org.jspecify.annotations.NullMarked;
