/** What tests of this module share: a served model, and a client's view of its answers. */
@NullMarked
package dev.fluxgate.encoder.testing;

import org.jspecify.annotations.NullMarked;
