/** A job as it changes → what is made of it. Start at {@link dev.fluxgate.cli.job.JobObserver}. */
@NullMarked
package dev.fluxgate.cli.job;

import org.jspecify.annotations.NullMarked;
