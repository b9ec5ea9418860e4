/** Which back end computes. Start at {@link dev.fluxgate.engine.backend.choice.BackendChoice}. */
@NullMarked
package dev.fluxgate.engine.backend.choice;

import org.jspecify.annotations.NullMarked;
