package dev.fluxgate.engine.backend.choice;

import dev.fluxgate.engine.backend.Backend;

/**
 * A back end and why it was taken.
 *
 * @param backend open; whoever asked for it closes it
 * @param reason one line for people
 */
public record OpenedBackend(Backend backend, String reason) {}
