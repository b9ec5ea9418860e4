/**
 * Model files → what is in them, in words. Start at {@link dev.fluxgate.cli.inspect.ModelOverview}.
 */
@NullMarked
package dev.fluxgate.cli.inspect;

import org.jspecify.annotations.NullMarked;
