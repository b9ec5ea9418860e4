/**
 * Token ids → hidden states: the decoders that encode prompts. Start at {@link
 * dev.fluxgate.encoder.model.TextEncoder}.
 */
@NullMarked
package dev.fluxgate.encoder.model;

import org.jspecify.annotations.NullMarked;
