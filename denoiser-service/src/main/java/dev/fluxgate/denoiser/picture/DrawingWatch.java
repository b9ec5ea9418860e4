package dev.fluxgate.denoiser.picture;

import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.PictureEstimate;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.RgbImage;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Passes steps and previews of one drawing on, and measures its stages. */
final class DrawingWatch implements DenoiseListener {
  private final int previewInterval;
  private final JobProgress progress;
  private long denoisingSince;
  private long decodingSince;
  private int done;
  private int steps;

  DrawingWatch(int previewInterval, JobProgress progress) {
    this.previewInterval = previewInterval;
    this.progress = progress;
  }

  @Override
  public void onStage(Stage stage) {
    switch (stage) {
      case DENOISING -> denoisingSince = System.nanoTime();
      case DECODING -> {
        decodingSince = System.nanoTime();
        progress.report(JobProgress.Stage.DECODING, done, steps);
      }
    }
  }

  @Override
  public void onStep(int done, int steps) {
    this.done = done;
    this.steps = steps;
    progress.report(JobProgress.Stage.DENOISING, done, steps);
  }

  /** After the last step the picture itself comes next. */
  @Override
  public void onEstimate(int done, int steps, PictureEstimate estimate) {
    if (done % previewInterval != 0 || done == steps) {
      return;
    }
    for (int index = 0; index < estimate.images() && !progress.isCancelled(); index++) {
      RgbImage image = estimate.preview(index);
      byte[] png = PngWriter.encode(image, Map.of());
      progress.show(
          new EncodedPicture(index, EncodedPicture.PNG, image.width(), image.height(), png), done);
    }
  }

  @Override
  public boolean isCancelled() {
    return progress.isCancelled();
  }

  JobStoppedException stopped() {
    return new JobStoppedException(done, steps);
  }

  long denoiseMillis() {
    return TimeUnit.NANOSECONDS.toMillis(decodingSince - denoisingSince);
  }

  long decodeMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - decodingSince);
  }
}
