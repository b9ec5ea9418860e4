package dev.fluxgate.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts the bytes of inputs and outputs, each once; printed as GB/s. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Traffic {
  /** Billions of bytes so far. */
  public double gigabytes;

  void add(long bytes) {
    gigabytes += bytes * 1e-9;
  }
}
