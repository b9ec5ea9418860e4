/**
 * Prompts rewritten to be more descriptive before they are encoded. Start at {@link
 * dev.fluxgate.gateway.upsample.PromptUpsampler}.
 */
@NullMarked
package dev.fluxgate.gateway.upsample;

import org.jspecify.annotations.NullMarked;
