/**
 * Token ids → one vector a prompt by the text encoder of CLIP. Start at {@link
 * dev.fluxgate.encoder.model.clip.ClipTextEncoder}.
 */
@NullMarked
package dev.fluxgate.encoder.model.clip;

import org.jspecify.annotations.NullMarked;
