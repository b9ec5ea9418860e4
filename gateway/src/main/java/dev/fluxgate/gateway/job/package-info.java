/**
 * Jobs: what they are, how they change, who may change them; start at {@link
 * dev.fluxgate.gateway.job.JobStore}.
 */
@NullMarked
package dev.fluxgate.gateway.job;

import org.jspecify.annotations.NullMarked;
