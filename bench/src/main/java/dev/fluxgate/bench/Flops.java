package dev.fluxgate.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts arithmetic; printed as GFLOP/s. A multiplication with its addition is two. */
@State(Scope.Thread)
@AuxCounters(AuxCounters.Type.OPERATIONS)
public class Flops {
  /** Billions of operations so far. */
  public double gflop;

  void add(double operations) {
    gflop += operations * 1e-9;
  }
}
