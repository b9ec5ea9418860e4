/** Hidden states → prompt embeds. Start at {@link dev.fluxgate.encoder.embed.PromptEmbedder}. */
@NullMarked
package dev.fluxgate.encoder.embed;

import org.jspecify.annotations.NullMarked;
