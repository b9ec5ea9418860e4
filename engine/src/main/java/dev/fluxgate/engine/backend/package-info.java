/**
 * The op set that models are written in, and what every implementation of it owes. Start at {@link
 * dev.fluxgate.engine.backend.Backend}.
 */
@NullMarked
package dev.fluxgate.engine.backend;

import org.jspecify.annotations.NullMarked;
