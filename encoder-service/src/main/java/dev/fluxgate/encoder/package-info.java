/** Prompt → prompt embeds, as a process. Start at {@link dev.fluxgate.encoder.EncoderProcess}. */
@NullMarked
package dev.fluxgate.encoder;

import org.jspecify.annotations.NullMarked;
