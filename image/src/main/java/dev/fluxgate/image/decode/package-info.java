/**
 * Bytes from anywhere → picture in its own colour mode, or a refusal that says why. Start at {@link
 * dev.fluxgate.image.decode.PictureDecoder}.
 */
@NullMarked
package dev.fluxgate.image.decode;

import org.jspecify.annotations.NullMarked;
