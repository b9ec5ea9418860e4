/**
 * Options → a whole system of child processes, watched over. Start at {@link
 * dev.fluxgate.cli.up.UpCommand}.
 */
@NullMarked
package dev.fluxgate.cli.up;

import org.jspecify.annotations.NullMarked;
