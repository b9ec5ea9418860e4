/** The CPU back end against the contract, and what only it promises. */
@NullMarked
package dev.fluxgate.engine.backend.cpu;

import org.jspecify.annotations.NullMarked;
