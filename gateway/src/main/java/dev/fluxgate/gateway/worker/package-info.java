/**
 * Workers and their leases: who gets which job, and what becomes of it when a worker fails; start
 * at {@link dev.fluxgate.gateway.worker.WorkerPool}.
 */
@NullMarked
package dev.fluxgate.gateway.worker;

import org.jspecify.annotations.NullMarked;
