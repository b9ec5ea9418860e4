/**
 * Many callers → the one thread that owns the device. Start at {@link
 * dev.fluxgate.encoder.batch.EncodeBatcher}.
 */
@NullMarked
package dev.fluxgate.encoder.batch;

import org.jspecify.annotations.NullMarked;
