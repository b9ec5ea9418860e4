/**
 * Every kernel against its naive twin on the device itself, for machines whose results no test of
 * the build has seen. Start at {@link dev.fluxgate.engine.backend.cuda.selftest.SelfTest}.
 */
@NullMarked
package dev.fluxgate.engine.backend.cuda.selftest;

import org.jspecify.annotations.NullMarked;
