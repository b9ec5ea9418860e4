/**
 * Picture → picture of another size, to the bit as Pillow does it (models spec, appendix C). Start
 * at {@link dev.fluxgate.image.resample.Resampler}.
 */
@NullMarked
package dev.fluxgate.image.resample;

import org.jspecify.annotations.NullMarked;
