/**
 * What a caller of any back end may have to tell apart. Start at {@link
 * dev.fluxgate.engine.backend.failure.BackendLostException}.
 */
@NullMarked
package dev.fluxgate.engine.backend.failure;

import org.jspecify.annotations.NullMarked;
