/**
 * Pictures → embeddings that a language model reads like words: Pixtral's tower and the projector
 * behind it. Start at {@link dev.fluxgate.encoder.vision.PictureEncoder}.
 */
@NullMarked
package dev.fluxgate.encoder.vision;

import org.jspecify.annotations.NullMarked;
