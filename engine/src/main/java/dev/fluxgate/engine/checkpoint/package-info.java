/** Files → named arrays: safetensors containers, sharded checkpoints, model folders. */
@NullMarked
package dev.fluxgate.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
