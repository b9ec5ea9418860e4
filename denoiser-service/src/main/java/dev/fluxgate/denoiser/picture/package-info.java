/**
 * From prompt embeds and the wishes of a job to encoded pictures: what the device does of a job.
 */
@NullMarked
package dev.fluxgate.denoiser.picture;

import org.jspecify.annotations.NullMarked;
