/**
 * Pixels: numbers in [0, 1] → 8-bit picture → file with text, and back. Start at {@link
 * dev.fluxgate.image.RgbImage}.
 */
@NullMarked
package dev.fluxgate.image;

import org.jspecify.annotations.NullMarked;
