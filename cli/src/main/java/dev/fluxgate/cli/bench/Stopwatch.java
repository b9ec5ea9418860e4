package dev.fluxgate.cli.bench;

import dev.fluxgate.engine.backend.Backend;
import java.util.Arrays;

/** Measures what a back end is told to do, from an idle device to an idle device. */
final class Stopwatch {
  private final Backend backend;
  private final int warmups;
  private final int rounds;

  Stopwatch(Backend backend, int warmups, int rounds) {
    this.backend = backend;
    this.warmups = warmups;
    this.rounds = rounds;
  }

  /** Median of some rounds, in seconds, after some that do not count. */
  double seconds(Runnable work) {
    for (int i = 0; i < warmups; i++) {
      round(work);
    }
    double[] times = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      times[i] = round(work);
    }
    Arrays.sort(times);
    return times[rounds / 2];
  }

  private double round(Runnable work) {
    backend.synchronize();
    long start = System.nanoTime();
    work.run();
    backend.synchronize();
    return (System.nanoTime() - start) * 1e-9;
  }
}
