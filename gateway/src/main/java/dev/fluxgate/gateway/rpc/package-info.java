/** The gateway on the wire: what it serves, whom it calls, and how messages become values. */
@NullMarked
package dev.fluxgate.gateway.rpc;

import org.jspecify.annotations.NullMarked;
