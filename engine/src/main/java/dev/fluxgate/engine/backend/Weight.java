package dev.fluxgate.engine.backend;

/**
 * A parameter of a model, prepared by a back end for its own ops: packed, mapped, converted, later
 * quantised, streamed or adapted. Model code passes it on and never sees its bytes; it lives as
 * long as the back end's {@link WeightStore} that prepared it.
 */
public sealed interface Weight {

  /** Bytes this weight holds beyond the mapped file; 0 for one that is used in place. */
  long residentBytes();

  /** Matrix of {@link Backend#linear}: y = x·Wᵀ + b, W: (out, in), b: (out) or none. */
  non-sealed interface Linear extends Weight {
    /** Width of x. */
    int inFeatures();

    /** Width of y. */
    int outFeatures();
  }

  /** Filter of {@link Backend#convolve}: (out, in, kh, kw) as stored, with a bias (out) or none. */
  non-sealed interface Convolution extends Weight {
    /** Channels of the input. */
    int inChannels();

    /** Channels of the output. */
    int outChannels();

    /** Height and width of the filter, in pixels. */
    int kernelSize();
  }

  /** Table of {@link Backend#embed}: (vocabulary, width). */
  non-sealed interface Embedding extends Weight {
    /** Number of rows. */
    int vocabulary();

    /** Width of a row. */
    int width();
  }

  /** One value per channel: the scale of a norm. */
  non-sealed interface Vector extends Weight {
    /** Number of values. */
    int size();
  }
}
