package dev.fluxgate.denoiser.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.FluxPictureMaker;
import dev.fluxgate.denoiser.picture.JobFailedException;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.testing.Toy;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The device's thread with the toy, and a gateway that speaks up in the middle of a step. */
@Timeout(60)
class JobRunnerTest {
  private static final Lease LEASE = new Lease("a", 1);
  private static final int STEPS = 200;

  private final LeaseKeeper leases = new LeaseKeeper();
  private final Listening gateway = new Listening();
  private final FluxPictureMaker maker =
      FluxPictureMaker.load(
          Toy.model(),
          new CpuBackend(2),
          DType.BF16,
          new FluxPictureMaker.Limits(1 << 20, 1L << 30));
  private final JobRunner runner =
      new JobRunner(maker, gateway, leases, new EmbeddingStore(1 << 20));

  @AfterEach
  void end() {
    runner.close();
    assertThat(runner.hasEnded()).isTrue();
    maker.close();
  }

  @Test
  void executesNoStepAfterTheOneInWhichItWasCancelled() throws InterruptedException {
    gateway.onStep = () -> leases.stop(LEASE, LeaseKeeper.Stop.CANCELLED);
    run(null);
    assertThat(gateway.steps).containsExactly(1, 2, 3);
    assertThat(gateway.stages).containsOnly(JobProgress.Stage.DENOISING);
    assertThat(gateway.said).containsExactly("CANCELLATION CANCELLED");
  }

  @Test
  void executesNoStepAfterTheTimeIsOver() throws InterruptedException {
    run(Duration.ofNanos(-1));
    assertThat(gateway.steps).isEmpty();
    assertThat(gateway.said).containsExactly("CANCELLATION DEADLINE_EXCEEDED");
  }

  @Test
  void saysNothingOfAJobThatIsAnothersNow() throws InterruptedException {
    gateway.onStep = () -> leases.stop(LEASE, LeaseKeeper.Stop.REVOKED);
    run(null);
    assertThat(gateway.steps).containsExactly(1, 2, 3);
    assertThat(gateway.said).isEmpty();
  }

  private void run(@Nullable Duration timeLeft) throws InterruptedException {
    Drawing drawing = new Drawing("", 64, 64, STEPS, 4, 0, 1, true, 0, DrawingOptions.NONE);
    runner.start();
    runner.accept(
        new DenoiseJob(
            LEASE,
            drawing,
            new DenoiseJob.Text(new EmbeddingRef("00", 1), null),
            null,
            InputRefs.NONE,
            null,
            timeLeft,
            "trace"));
    gateway.ready.await();
    assertThat(leases.leases()).isEmpty();
  }

  /** Hears everything, and does something at the third step. */
  private final class Listening implements Gateway {
    final List<Integer> steps = new ArrayList<>();
    final List<JobProgress.Stage> stages = new ArrayList<>();
    final List<String> said = new ArrayList<>();
    final CountDownLatch ready = new CountDownLatch(1);
    Runnable onStep = () -> {};

    @Override
    public HostTensor fetch(Lease lease, EmbeddingRef embedding) {
      return new TorchGenerator(1).randn(Shape.of(8, maker.model().textWidth()), DType.BF16);
    }

    @Override
    public byte[] fetch(Lease lease, InputRef input) {
      throw new AssertionError("no picture was asked for");
    }

    @Override
    public void progress(Lease lease, JobProgress.Stage stage, int step, int totalSteps) {
      steps.add(step);
      stages.add(stage);
      if (step == 3) {
        onStep.run();
      }
    }

    @Override
    public void preview(Lease lease, EncodedPicture preview, int step) {
      said.add("preview");
    }

    @Override
    public void upload(Lease lease, EncodedPicture picture) {
      said.add("upload");
    }

    @Override
    public void complete(Lease lease, long denoiseMillis, long decodeMillis) {
      said.add("complete");
    }

    @Override
    public void giveBack(
        Lease lease, JobFailedException.Fault fault, String reason, String message) {
      said.add(fault + " " + reason);
    }

    @Override
    public void ready() {
      ready.countDown();
    }
  }
}
