/**
 * Ops of any thread → the one thread that owns a device. Start at {@link
 * dev.fluxgate.engine.backend.cuda.thread.DeviceThread}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.thread;

import org.jspecify.annotations.NullMarked;
