/**
 * Arguments → a picture, a report, an exit code. Start at {@link dev.fluxgate.cli.FluxgateMain}.
 */
@NullMarked
package dev.fluxgate.cli;

import org.jspecify.annotations.NullMarked;
