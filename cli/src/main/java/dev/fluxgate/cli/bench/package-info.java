/** How fast a device is, against what it could be. */
@NullMarked
package dev.fluxgate.cli.bench;

import org.jspecify.annotations.NullMarked;
