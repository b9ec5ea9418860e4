/**
 * User text → the framed text a model was trained on. Start at {@link
 * dev.fluxgate.encoder.prompt.ChatTemplate}.
 */
@NullMarked
package dev.fluxgate.encoder.prompt;

import org.jspecify.annotations.NullMarked;
