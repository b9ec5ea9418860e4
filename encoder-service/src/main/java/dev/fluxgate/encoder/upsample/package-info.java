/**
 * Prompts rewritten by the encoder's own language model. Start at {@link
 * dev.fluxgate.encoder.upsample.PromptUpsampling}.
 */
@NullMarked
package dev.fluxgate.encoder.upsample;

import org.jspecify.annotations.NullMarked;
