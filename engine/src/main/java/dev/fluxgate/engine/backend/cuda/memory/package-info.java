/**
 * Memory of a device: taken, kept for reuse, counted, filled and read. Start at {@link
 * dev.fluxgate.engine.backend.cuda.memory.DevicePool}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.memory;

import org.jspecify.annotations.NullMarked;
