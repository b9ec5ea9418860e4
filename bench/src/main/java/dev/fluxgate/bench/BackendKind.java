package dev.fluxgate.bench;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;

/** The back ends that are compared. */
public enum BackendKind {
  /** oneDNN and the Vector API, on all processors. */
  CPU {
    @Override
    Backend open() {
      return new CpuBackend(Runtime.getRuntime().availableProcessors());
    }
  },
  /** Plain loops in float64. */
  REFERENCE {
    @Override
    Backend open() {
      return new ReferenceBackend();
    }
  };

  abstract Backend open();
}
