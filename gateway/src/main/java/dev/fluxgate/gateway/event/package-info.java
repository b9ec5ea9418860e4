/** Changes and previews of jobs → whoever listens in this process. */
@NullMarked
package dev.fluxgate.gateway.event;

import org.jspecify.annotations.NullMarked;
