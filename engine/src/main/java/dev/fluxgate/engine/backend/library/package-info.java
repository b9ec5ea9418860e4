/**
 * Native libraries of the class path → files that can be loaded. Start at {@link
 * dev.fluxgate.engine.backend.library.NativeFiles}.
 */
@NullMarked
package dev.fluxgate.engine.backend.library;

import org.jspecify.annotations.NullMarked;
