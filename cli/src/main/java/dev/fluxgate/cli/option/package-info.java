/**
 * Words of the command line → values that several commands share. Start at {@link
 * dev.fluxgate.cli.option.ModelOptions}.
 */
@NullMarked
package dev.fluxgate.cli.option;

import org.jspecify.annotations.NullMarked;
