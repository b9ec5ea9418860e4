/**
 * Options → one service that runs until it is told to stop. Start at {@link
 * dev.fluxgate.cli.service.Foreground}.
 */
@NullMarked
package dev.fluxgate.cli.service;

import org.jspecify.annotations.NullMarked;
