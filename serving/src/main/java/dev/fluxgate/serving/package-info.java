/**
 * How a process of ours lives on gRPC: start, health, failures as statuses, drain, stop; start at
 * {@link dev.fluxgate.serving.GrpcServer}.
 */
@NullMarked
package dev.fluxgate.serving;

import org.jspecify.annotations.NullMarked;
