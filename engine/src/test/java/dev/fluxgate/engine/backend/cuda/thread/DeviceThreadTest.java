package dev.fluxgate.engine.backend.cuda.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.engine.backend.cuda.driver.CudaDeviceLostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DeviceThreadTest {
  private final DeviceThread device = new DeviceThread("cuda-test", 4);

  @AfterEach
  void close() {
    device.close(() -> {});
  }

  @Test
  void runsWorkInTheOrderOfTheCallsOnOneThread() {
    List<Integer> order = new ArrayList<>();
    List<String> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      device.enqueue(() -> {
        order.add(number);
        threads.add(Thread.currentThread().getName());
      });
    }
    assertThat(device.<Integer>call(order::size)).isEqualTo(100);
    assertThat(order).isSorted();
    assertThat(threads).containsOnly("cuda-test");
  }

  @Test
  void keepsTheOrderOfEveryCallerAmongOthers() throws Exception {
    int callers = 4;
    int each = 500;
    List<int[]> seen = new ArrayList<>();
    CyclicBarrier start = new CyclicBarrier(callers);
    List<Thread> threads = new ArrayList<>();
    for (int c = 0; c < callers; c++) {
      int caller = c;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                awaitAt(start);
                for (int i = 0; i < each; i++) {
                  int number = i;
                  device.enqueue(() -> seen.add(new int[] {caller, number}));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    device.call(() -> null);
    assertThat(seen).hasSize(callers * each);
    for (int c = 0; c < callers; c++) {
      int caller = c;
      assertThat(seen.stream().filter(s -> s[0] == caller).map(s -> s[1])).isSorted();
    }
  }

  @Test
  void waitsForAPlaceInTheQueue() {
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    device.enqueue(() -> awaitAt(gate));
    Thread caller =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 10; i++) {
                device.enqueue(done::incrementAndGet);
              }
            });
    while (caller.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertThat(done).hasValue(0);
    gate.countDown();
    assertThat(joined(caller)).isTrue();
    assertThat(device.<Integer>call(done::get)).isEqualTo(10);
  }

  @Test
  void throwsAFailureOnceAndSkipsWhatCameBehindIt() {
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch gate = new CountDownLatch(1);
    device.enqueue(() -> awaitAt(gate));
    device.enqueue(() -> {
      throw new IllegalArgumentException("first");
    });
    device.enqueue(ran::incrementAndGet);
    gate.countDown();
    device.always(() -> ran.addAndGet(100));
    assertThatThrownBy(() -> device.call(ran::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("first");
    device.enqueue(ran::incrementAndGet);
    assertThat(device.<Integer>call(ran::get)).isEqualTo(101);
  }

  @Test
  void throwsTheFailureOfACallToItsCallerAlone() {
    assertThatThrownBy(() ->
            device.call(() -> {
              throw new IllegalStateException("mine");
            }))
        .hasMessage("mine");
    assertThat(device.<Integer>call(() -> 7)).isEqualTo(7);
    assertThat(device.takeFailure()).isNull();
  }

  @Test
  void refusesEverythingOnceTheDeviceIsLost() {
    device.enqueue(() -> {
      throw new CudaDeviceLostException("gone");
    });
    assertThatThrownBy(() -> device.call(() -> 1)).hasMessage("gone");
    assertThat(device.isLost()).isTrue();
    assertThatThrownBy(() -> device.enqueue(() -> {}))
        .isInstanceOf(CudaDeviceLostException.class)
        .hasMessage("the device was lost before: gone")
        .hasCauseInstanceOf(CudaDeviceLostException.class);
    AtomicInteger given = new AtomicInteger();
    device.always(given::incrementAndGet);
    device.close(given::incrementAndGet);
    assertThat(given).hasValue(2);
  }

  @Test
  void isLostWhenACallFindsOut() {
    assertThatThrownBy(() ->
            device.call(() -> {
              throw new CudaDeviceLostException("gone");
            }))
        .hasMessage("gone");
    assertThat(device.isLost()).isTrue();
    assertThatThrownBy(() -> device.call(() -> 1)).hasMessageContaining("lost before");
  }

  @Test
  void waitsOnWhenItsCallerIsInterrupted() {
    Thread.currentThread().interrupt();
    assertThat(device.<Integer>call(() -> 7)).isEqualTo(7);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void refusesWorkOnceItIsClosed() {
    device.close(() -> {});
    assertThatThrownBy(() -> device.enqueue(() -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    device.always(() -> {
      throw new AssertionError("ran after the end");
    });
  }

  private static boolean joined(Thread thread) {
    try {
      thread.join();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitAt(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitAt(CyclicBarrier start) {
    try {
      start.await();
    } catch (InterruptedException | BrokenBarrierException e) {
      throw new IllegalStateException(e);
    }
  }
}
