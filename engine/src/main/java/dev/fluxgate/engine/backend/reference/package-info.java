/**
 * The op set in plain loops and float64: the oracle that judges every other back end. Start at
 * {@link dev.fluxgate.engine.backend.reference.ReferenceBackend}.
 */
@NullMarked
package dev.fluxgate.engine.backend.reference;

import org.jspecify.annotations.NullMarked;
