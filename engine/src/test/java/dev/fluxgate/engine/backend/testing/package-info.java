/**
 * What every back end must pass: the op set on awkward sizes, against the reference back end. Start
 * at {@link dev.fluxgate.engine.backend.testing.BackendContractTest}.
 */
@NullMarked
package dev.fluxgate.engine.backend.testing;

import org.jspecify.annotations.NullMarked;
