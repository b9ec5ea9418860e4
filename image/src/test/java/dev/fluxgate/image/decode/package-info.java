@NullMarked
package dev.fluxgate.image.decode;

import org.jspecify.annotations.NullMarked;
