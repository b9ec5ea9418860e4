/** Tests of what measures. */
@NullMarked
package dev.fluxgate.cli.bench;

import org.jspecify.annotations.NullMarked;
