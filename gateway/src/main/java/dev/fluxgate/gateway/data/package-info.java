/** The gateway's own folder → whose it is, and what lies where in it. */
@NullMarked
package dev.fluxgate.gateway.data;

import org.jspecify.annotations.NullMarked;
