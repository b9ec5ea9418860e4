@NullMarked
package dev.fluxgate.image.prepare;

import org.jspecify.annotations.NullMarked;
