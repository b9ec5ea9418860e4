/** Operations on noise: how it is drawn, and how a schedule takes it away. */
@NullMarked
package dev.fluxgate.cli.golden.operation.noise;

import org.jspecify.annotations.NullMarked;
