/** Tests of seed → numbers. */
@NullMarked
package dev.fluxgate.engine.random;

import org.jspecify.annotations.NullMarked;
