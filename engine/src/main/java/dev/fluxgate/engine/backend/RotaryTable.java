package dev.fluxgate.engine.backend;

import dev.fluxgate.engine.tensor.Tensor;

/**
 * Angles of rotary position embedding, one row a position, one column a pair of features.
 *
 * @param cos float32 or bfloat16, (positions, headDim / 2); the type decides how a rotation rounds
 * @param sin of the type of cos, (positions, headDim / 2)
 * @param pairing which features of a head form pair j
 */
public record RotaryTable(Tensor cos, Tensor sin, Pairing pairing) {

  /** Which two features of a head are rotated together. */
  public enum Pairing {
    /** Features 2j and 2j + 1: the transformers of FLUX. */
    ADJACENT,
    /** Features j and j + headDim / 2: the text encoders. */
    HALVES
  }

  /** Positions {@code [from, from + count)}. */
  public RotaryTable rows(int from, int count) {
    return new RotaryTable(cos.rows(from, count), sin.rows(from, count), pairing);
  }
}
