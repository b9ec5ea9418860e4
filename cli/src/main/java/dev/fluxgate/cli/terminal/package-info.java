/**
 * The state of a job → what a person sees of it. Start at {@link
 * dev.fluxgate.cli.terminal.Progress}.
 */
@NullMarked
package dev.fluxgate.cli.terminal;

import org.jspecify.annotations.NullMarked;
