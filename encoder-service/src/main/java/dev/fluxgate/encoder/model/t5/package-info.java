/**
 * Token ids → hidden states by the encoder of T5. Start at {@link
 * dev.fluxgate.encoder.model.t5.T5TextEncoder}.
 */
@NullMarked
package dev.fluxgate.encoder.model.t5;

import org.jspecify.annotations.NullMarked;
