/**
 * Token ids → further token ids by the encoder's own language model. Start at {@link
 * dev.fluxgate.encoder.generate.Generation}.
 */
@NullMarked
package dev.fluxgate.encoder.generate;

import org.jspecify.annotations.NullMarked;
