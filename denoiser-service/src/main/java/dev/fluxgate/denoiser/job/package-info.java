/** Lease → pictures: what a worker does with the work it is given. Start at {@link JobRunner}. */
@NullMarked
package dev.fluxgate.denoiser.job;

import org.jspecify.annotations.NullMarked;
