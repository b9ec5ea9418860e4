/** Pictures as files: what is known of them, and where their bytes are kept. */
@NullMarked
package dev.fluxgate.gateway.image;

import org.jspecify.annotations.NullMarked;
