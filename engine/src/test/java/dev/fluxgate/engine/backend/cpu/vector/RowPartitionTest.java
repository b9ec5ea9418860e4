package dev.fluxgate.engine.backend.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

final class RowPartitionTest {
  @Test
  void runsEveryPieceOnce() {
    try (RowPartition partition = new RowPartition(3, RowPartitionTest::nothing)) {
      for (int round = 0; round < 200; round++) {
        AtomicIntegerArray runs = new AtomicIntegerArray(17);
        partition.run(runs.length(), (_, index) -> runs.incrementAndGet(index));
        for (int i = 0; i < runs.length(); i++) {
          assertThat(runs.get(i)).isOne();
        }
      }
    }
  }

  @Test
  void coversAllRowsWithoutOverlap() {
    try (RowPartition partition = new RowPartition(4, RowPartitionTest::nothing)) {
      AtomicIntegerArray runs = new AtomicIntegerArray(101);
      partition.rows(
          101,
          Long.MAX_VALUE,
          (_, from, to) -> {
            for (int row = from; row < to; row++) {
              runs.incrementAndGet(row);
            }
          });
      for (int i = 0; i < runs.length(); i++) {
        assertThat(runs.get(i)).isOne();
      }
    }
  }

  @Test
  void keepsSmallWorkOnTheCallersThread() {
    try (RowPartition partition = new RowPartition(4, RowPartitionTest::nothing)) {
      Set<Thread> threads = ConcurrentHashMap.newKeySet();
      partition.rows(1000, 1000, (_, _, _) -> threads.add(Thread.currentThread()));
      assertThat(threads).containsExactly(Thread.currentThread());
    }
  }

  @Test
  void givesTwoPiecesAtOnceDifferentWorkers() {
    try (RowPartition partition = new RowPartition(2, RowPartitionTest::nothing)) {
      CountDownLatch both = new CountDownLatch(2);
      Set<Integer> workers = ConcurrentHashMap.newKeySet();
      partition.run(
          2,
          (worker, _) -> {
            workers.add(worker);
            both.countDown();
            awaitAll(both);
          });
      assertThat(workers).containsExactlyInAnyOrder(0, 1);
    }
  }

  @Test
  void throwsToTheCallerWhatAPieceThrew() {
    try (RowPartition partition = new RowPartition(2, RowPartitionTest::nothing)) {
      AtomicInteger others = new AtomicInteger();
      assertThatThrownBy(() ->
              partition.run(
                  8,
                  (_, index) -> {
                    if (index == 3) {
                      throw new IllegalStateException("piece 3");
                    }
                    others.incrementAndGet();
                  }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("piece 3");
      assertThat(others).hasValue(7);
    }
  }

  @Test
  void endsItsThreadsWhenClosed() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    RowPartition partition = new RowPartition(4, () -> threads.add(Thread.currentThread()));
    partition.close();
    partition.close();
    assertThat(threads).hasSize(3).noneMatch(Thread::isAlive);
  }

  @Test
  void refusesNoThreads() {
    assertThatThrownBy(() -> new RowPartition(0, RowPartitionTest::nothing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads: 0 (expected: at least 1)");
  }

  private static void nothing() {}

  private static void awaitAll(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
