/**
 * Arrays → header and chunks, and back; start at {@link dev.fluxgate.proto.tensor.TensorChunks}.
 */
@NullMarked
package dev.fluxgate.proto.tensor;

import org.jspecify.annotations.NullMarked;
