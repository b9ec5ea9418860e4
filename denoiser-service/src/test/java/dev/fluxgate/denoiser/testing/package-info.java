/** What the tests of this module share. */
@NullMarked
package dev.fluxgate.denoiser.testing;

import org.jspecify.annotations.NullMarked;
