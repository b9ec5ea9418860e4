/**
 * Every op of a back end against plain ones on the machine itself, for machines whose results no
 * test of the build has seen. Start at {@link dev.fluxgate.engine.backend.selftest.SelfTest}.
 */
@NullMarked
package dev.fluxgate.engine.backend.selftest;

import org.jspecify.annotations.NullMarked;
