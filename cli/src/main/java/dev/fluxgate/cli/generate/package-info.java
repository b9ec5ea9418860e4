/** A finished job → picture files. Start at {@link dev.fluxgate.cli.generate.PictureNames}. */
@NullMarked
package dev.fluxgate.cli.generate;

import org.jspecify.annotations.NullMarked;
