/** Jobs in the memory of one process. */
@NullMarked
package dev.fluxgate.gateway.job.memory;

import org.jspecify.annotations.NullMarked;
