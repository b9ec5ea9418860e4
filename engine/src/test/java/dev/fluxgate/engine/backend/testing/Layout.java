package dev.fluxgate.engine.backend.testing;

/** How the tensors of a scene lie in memory. */
enum Layout {
  /** Rows follow each other. */
  DENSE,
  /** Every tensor is a range of columns of a wider one, at an offset that is not aligned. */
  SPACED
}
