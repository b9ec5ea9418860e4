/**
 * Environment and files → values of options. Start at {@link dev.fluxgate.cli.settings.Settings}.
 */
@NullMarked
package dev.fluxgate.cli.settings;

import org.jspecify.annotations.NullMarked;
