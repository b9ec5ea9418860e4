@NullMarked
package dev.fluxgate.image.encode;

import org.jspecify.annotations.NullMarked;
