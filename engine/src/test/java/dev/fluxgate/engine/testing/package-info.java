/** Golden cases for tests of every module. Start at {@link GoldenCase}. */
@NullMarked
package dev.fluxgate.engine.testing;

import org.jspecify.annotations.NullMarked;
