/** Tests of what travels between worker and gateway. */
@NullMarked
package dev.fluxgate.denoiser.rpc;

import org.jspecify.annotations.NullMarked;
