/** A prompt → picture files. Start at {@link dev.fluxgate.cli.generate.GenerateCommand}. */
@NullMarked
package dev.fluxgate.cli.generate;

import org.jspecify.annotations.NullMarked;
