/** Operations on pictures: reading, resampling, preparing them for a model. */
@NullMarked
package dev.fluxgate.cli.golden.operation.picture;

import org.jspecify.annotations.NullMarked;
