/** Whether a job is taken at all. */
@NullMarked
package dev.fluxgate.gateway.admission;

import org.jspecify.annotations.NullMarked;
