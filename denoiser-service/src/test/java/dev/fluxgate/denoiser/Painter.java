package dev.fluxgate.denoiser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingModel;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.JobStoppedException;
import dev.fluxgate.denoiser.picture.PictureMaker;
import dev.fluxgate.denoiser.picture.Pictures;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Draws steps of nothing, and waits, fails or stops where a test wants it. */
final class Painter implements PictureMaker {
  static final byte[] FILE = {1, 2, 3, 4};

  /** Bytes that a job may take. */
  static final long MEMORY = 1000;

  final CountDownLatch reached = new CountDownLatch(1);
  final CountDownLatch release = new CountDownLatch(1);
  volatile byte[] preview = {5, 6, 7};
  volatile int steps = 3;
  volatile int waitsAtStep;
  volatile boolean waitsForStop;
  volatile int lastStep;
  volatile @Nullable RuntimeException failure;
  volatile HostTensor embeds = HostTensor.zeros(DType.F32, Shape.of(0));
  private volatile @Nullable JobProgress current;

  /** A worker that draws with it, and lets a job at work go on for {@code drain} when it leaves. */
  DenoiserProcess attachTo(FakeGateway gateway, Duration drain) {
    var limits = DenoiserConfig.Limits.STANDARD;
    return DenoiserProcess.start(
        new DenoiserConfig(
            Path.of("unused"),
            DType.F32,
            "reference",
            gateway.target(),
            "worker-1",
            new DenoiserConfig.Limits(
                limits.embeddingBytes(), limits.maxPixels(), limits.activationBytes(), drain)),
        this);
  }

  @Override
  public DrawingModel model() {
    return new DrawingModel(
        "toy",
        "flux2-dev",
        "hash",
        "mistral3",
        FakeGateway.TEXT_WIDTH,
        16,
        1 << 20,
        false,
        new DrawingModel.Defaults(16, 16, 3, 4),
        DType.F32,
        DrawingModel.Abilities.NONE);
  }

  @Override
  public Pictures draw(Drawing drawing, DrawingInputs inputs, JobProgress progress) {
    RuntimeException failing = failure;
    if (failing != null) {
      throw failing;
    }
    current = progress;
    embeds = inputs.prompt().embeds();
    for (int step = 1; step <= steps; step++) {
      if (progress.isCancelled()) {
        throw new JobStoppedException(step - 1, steps);
      }
      lastStep = step;
      progress.report(JobProgress.Stage.DENOISING, step, steps);
      if (drawing.previewInterval() > 0) {
        progress.show(new EncodedPicture(0, EncodedPicture.PNG, 16, 16, preview), step);
      }
      if (step == waitsAtStep) {
        pause(progress);
      }
    }
    return new Pictures(List.of(new EncodedPicture(0, EncodedPicture.PNG, 16, 16, FILE)), 1, 1);
  }

  @Override
  public Need plan(Drawing drawing, DrawingInputs.Shapes shapes) {
    RuntimeException failing = failure;
    if (failing != null) {
      throw failing;
    }
    return new Need((long) shapes.promptTokens() * drawing.width(), MEMORY);
  }

  private void pause(JobProgress progress) {
    reached.countDown();
    while (waitsForStop && !progress.isCancelled()) {
      Thread.onSpinWait();
    }
    if (waitsForStop) {
      return;
    }
    try {
      assertThat(release.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Goes on once the job was told to stop. */
  void waitUntilStopped() throws InterruptedException {
    JobProgress progress = current;
    while (progress != null && !progress.isCancelled()) {
      Thread.onSpinWait();
    }
    release.countDown();
  }

  @Override
  public void close() {
    release.countDown();
  }
}
