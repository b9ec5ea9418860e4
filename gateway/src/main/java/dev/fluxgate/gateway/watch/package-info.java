/**
 * A job's changes → what one reader gets of them; start at {@link
 * dev.fluxgate.gateway.watch.JobWatches}.
 */
@NullMarked
package dev.fluxgate.gateway.watch;

import org.jspecify.annotations.NullMarked;
