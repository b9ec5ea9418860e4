/** Tests of files → named arrays. */
@NullMarked
package dev.fluxgate.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
