/** What went wrong → one line. Start at {@link dev.fluxgate.cli.failure.ErrorLine}. */
@NullMarked
package dev.fluxgate.cli.failure;

import org.jspecify.annotations.NullMarked;
