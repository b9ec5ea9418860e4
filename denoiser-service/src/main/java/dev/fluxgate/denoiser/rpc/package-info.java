/** The worker's end of the wire. Start at {@link dev.fluxgate.denoiser.rpc.WorkerPlaneClient}. */
@NullMarked
package dev.fluxgate.denoiser.rpc;

import org.jspecify.annotations.NullMarked;
