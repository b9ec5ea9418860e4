/**
 * Lines of a person → pictures, with the models kept loaded. Start at {@link
 * dev.fluxgate.cli.session.SessionCommand}.
 */
@NullMarked
package dev.fluxgate.cli.session;

import org.jspecify.annotations.NullMarked;
