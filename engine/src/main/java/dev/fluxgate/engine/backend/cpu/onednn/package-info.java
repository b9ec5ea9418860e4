/**
 * oneDNN, called through its C interface. Start at {@link
 * dev.fluxgate.engine.backend.cpu.onednn.OneDnnEngine}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cpu.onednn;

import org.jspecify.annotations.NullMarked;
