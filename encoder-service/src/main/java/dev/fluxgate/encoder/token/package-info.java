/**
 * Framed text → token ids, padded and truncated. Start at {@link
 * dev.fluxgate.encoder.token.PromptTokenizer}.
 */
@NullMarked
package dev.fluxgate.encoder.token;

import org.jspecify.annotations.NullMarked;
