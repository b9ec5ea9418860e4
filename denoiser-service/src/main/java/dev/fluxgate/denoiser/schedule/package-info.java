/**
 * Number of steps → noise levels and step sizes. Start at {@link
 * dev.fluxgate.denoiser.schedule.FlowMatchEulerScheduler}.
 */
@NullMarked
package dev.fluxgate.denoiser.schedule;

import org.jspecify.annotations.NullMarked;
