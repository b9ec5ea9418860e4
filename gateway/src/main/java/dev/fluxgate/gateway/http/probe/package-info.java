/**
 * What the gateway knows of itself → answers for those who keep it running; start at {@link
 * dev.fluxgate.gateway.http.probe.ProbeRoutes}.
 */
@NullMarked
package dev.fluxgate.gateway.http.probe;

import org.jspecify.annotations.NullMarked;
