package dev.fluxgate.engine.backend.cpu.onednn;

import java.util.concurrent.atomic.LongAdder;

/** Counts what is taken from native memory, so that a leak or a growth shows. */
public final class NativeLedger {
  private final LongAdder taken = new LongAdder();
  private final LongAdder live = new LongAdder();

  /** Objects and blocks taken so far. */
  public long taken() {
    return taken.sum();
  }

  /** Objects and blocks not given back yet. */
  public long live() {
    return live.sum();
  }

  void take() {
    taken.increment();
    live.increment();
  }

  void giveBack(long count) {
    live.add(-count);
  }
}
