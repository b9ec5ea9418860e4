/**
 * Arrays: what they are and where their bytes lie. Start at {@link
 * dev.fluxgate.engine.tensor.Tensor}.
 */
@NullMarked
package dev.fluxgate.engine.tensor;

import org.jspecify.annotations.NullMarked;
