/**
 * Prompt → prompt embeds, stage by stage. Start at {@link
 * dev.fluxgate.encoder.pipeline.EncodePipeline}.
 */
@NullMarked
package dev.fluxgate.encoder.pipeline;

import org.jspecify.annotations.NullMarked;
