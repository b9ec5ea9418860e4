package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;

/** The back ends that are compared. */
public enum BackendKind {
  /** Plain loops in float64. */
  REFERENCE {
    @Override
    Backend open() {
      return new ReferenceBackend();
    }
  };

  abstract Backend open();
}
