/**
 * 8-bit picture and what it tells of itself → file. Start at {@link
 * dev.fluxgate.image.encode.PictureEncoder}.
 */
@NullMarked
package dev.fluxgate.image.encode;

import org.jspecify.annotations.NullMarked;
