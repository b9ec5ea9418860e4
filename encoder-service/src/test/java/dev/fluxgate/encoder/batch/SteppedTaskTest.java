package dev.fluxgate.encoder.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.serving.QueueFullException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SteppedTaskTest {
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final Semaphore arrived = new Semaphore(0);
  private final Semaphore permits = new Semaphore(0);

  @Test
  void tasksRunOneAfterTheOtherToTheirEnd() {
    permits.release(100);
    try (EncodeBatcher batcher = batcher()) {
      StepTicket<String> first = batcher.submit(new Steps("a", 3));
      StepTicket<String> second = batcher.submit(new Steps("b", 2));
      assertThat(first.await() + second.await()).isEqualTo("ab");
    }
    assertThat(seen).containsExactly("a", "a", "a", "a closed", "b", "b", "b closed");
  }

  @Test
  void aCallerThatLeavesStopsItsTaskAtTheNextStep() throws InterruptedException {
    try (EncodeBatcher batcher = batcher()) {
      StepTicket<String> ticket = batcher.submit(new Steps("a", 1000));
      awaitStep();
      ticket.cancel();
      permits.release(100);
      assertThatExceptionOfType(CancellationException.class).isThrownBy(ticket::await);
      assertThat(batcher.submit(new Steps("b", 1)).await()).isEqualTo("b");
    }
    assertThat(seen).containsExactly("a", "a closed", "b", "b closed");
  }

  @Test
  void aTaskThatFailsIsClosedAndTheNextIsServed() {
    permits.release(100);
    try (EncodeBatcher batcher = batcher()) {
      StepTicket<String> broken = batcher.submit(new Steps("a", -1));
      assertThatThrownBy(broken::await)
          .isInstanceOf(CompletionException.class)
          .hasRootCauseMessage("a broke");
      assertThat(batcher.submit(new Steps("b", 1)).await()).isEqualTo("b");
      assertThat(batcher.lost()).isNotDone();
    }
    assertThat(seen).contains("a closed");
  }

  @Test
  void tooManyTasksAreRefused() throws InterruptedException {
    try (EncodeBatcher batcher = batcher()) {
      for (int i = 0; i < StepQueue.CAPACITY; i++) {
        StepTicket<String> _ = batcher.submit(new Steps("a", 1));
      }
      assertThatExceptionOfType(QueueFullException.class)
          .isThrownBy(() -> batcher.submit(new Steps("b", 1)))
          .withMessage("queue: 16 tasks wait (expected: below 16)");
      permits.release(100);
    }
  }

  @Test
  void closingTellsThoseWhoWait() throws InterruptedException {
    EncodeBatcher batcher = batcher();
    StepTicket<String> begun = batcher.submit(new Steps("a", 1000));
    StepTicket<String> waiting = batcher.submit(new Steps("b", 1));
    awaitStep();
    Thread closing = Thread.startVirtualThread(batcher::close);
    assertThatThrownBy(begun::await).hasCauseInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(waiting::await).hasCauseInstanceOf(RejectedExecutionException.class);
    permits.release(1000);
    closing.join();
    assertThat(seen).containsExactly("a", "a closed");
  }

  private void awaitStep() throws InterruptedException {
    assertThat(arrived.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
  }

  private static EncodeBatcher batcher() {
    return new EncodeBatcher((batch, _) -> List.of(), 2, 2);
  }

  private final class Steps implements SteppedTask<String> {
    private final String name;
    private int left;

    Steps(String name, int steps) {
      this.name = name;
      left = steps;
    }

    @Override
    public boolean step() {
      if (left < 0) {
        throw new IllegalStateException(name + " broke");
      }
      seen.add(name);
      arrived.release();
      permits.acquireUninterruptibly();
      left--;
      return left > 0;
    }

    @Override
    public String result() {
      return name;
    }

    @Override
    public void close() {
      seen.add(name + " closed");
    }
  }
}
