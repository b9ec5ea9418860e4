/** Tests of made-up checkpoints. */
@NullMarked
package dev.fluxgate.cli.bench.checkpoint;

import org.jspecify.annotations.NullMarked;
