/**
 * Prompt → embeddings, opaque: which of them are the same, where they are kept, who makes them;
 * start at {@link dev.fluxgate.gateway.embedding.EmbeddingCache}.
 */
@NullMarked
package dev.fluxgate.gateway.embedding;

import org.jspecify.annotations.NullMarked;
