package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import org.jspecify.annotations.Nullable;

/**
 * Prepares stored arrays as weights for the ops of one back end, and owns what it prepared: closing
 * the store frees all its weights. The stored arrays must stay readable until then.
 *
 * <p>Every weight is prepared for one compute type; values of another type are converted once,
 * here, rounded to nearest even. Wrong ranks and sizes raise {@link IllegalArgumentException}
 * naming the shape and the expectation.
 */
public interface WeightStore extends AutoCloseable {

  /** The type in which ops on these weights take and give their activations. */
  DType computeType();

  /** W: (out, in), bias: (out). */
  Weight.Linear linear(HostTensor weight, @Nullable HostTensor bias);

  /** Filter: (out, in, k, k), bias: (out). */
  Weight.Convolution convolution(HostTensor filter, @Nullable HostTensor bias);

  /** Table: (vocabulary, width). */
  Weight.Embedding embedding(HostTensor table);

  /** Values: (size). */
  Weight.Vector vector(HostTensor values);

  /** Bytes of all weights prepared so far, without mapped files. */
  long residentBytes();

  /** Frees every weight. Closing twice is harmless. */
  @Override
  void close();
}
