@NullMarked
package dev.fluxgate.image.resample;

import org.jspecify.annotations.NullMarked;
