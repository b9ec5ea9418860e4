/**
 * Pictures that a request brings → pictures and masks of the size and kind that a model takes
 * (models spec §2.3, §6.4). Start at {@link dev.fluxgate.image.prepare.ReferencePicture}.
 */
@NullMarked
package dev.fluxgate.image.prepare;

import org.jspecify.annotations.NullMarked;
