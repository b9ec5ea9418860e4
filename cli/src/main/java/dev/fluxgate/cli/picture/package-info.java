/**
 * Pictures and previews → files and terminals. Start at {@link
 * dev.fluxgate.cli.picture.PictureNames}.
 */
@NullMarked
package dev.fluxgate.cli.picture;

import org.jspecify.annotations.NullMarked;
