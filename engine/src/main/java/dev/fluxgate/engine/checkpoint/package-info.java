/**
 * Files → named arrays: safetensors containers, sharded checkpoints, model folders. Start at {@link
 * dev.fluxgate.engine.checkpoint.ModelFolder} and {@link
 * dev.fluxgate.engine.checkpoint.Checkpoint}.
 */
@NullMarked
package dev.fluxgate.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
