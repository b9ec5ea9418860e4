package dev.fluxgate.bench;

import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.FluxPictureMaker;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.denoiser.picture.Pictures;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Previews of one drawing as files, and what they cost: the same drawing with a preview after every
 * step and with none, by turns, in this process.
 *
 * <p>Arguments: folder of the model, type ({@code F32} or {@code BF16}), prompt, seed, folder for
 * the files, times to draw.
 */
public final class ToyPreviews {
  private static final long PLENTY = 4L << 30;

  private final FluxPictureMaker maker;
  private final HostTensor embeds;
  private final Path target;

  private ToyPreviews(FluxPictureMaker maker, HostTensor embeds, Path target) {
    this.maker = maker;
    this.embeds = embeds;
    this.target = target;
  }

  /** Writes the files, measures, and prints medians. */
  public static void main(String[] args) throws IOException {
    ModelFolder folder = ModelFolder.open(Path.of(args[0]));
    DType dtype = DType.valueOf(args[1]);
    Path target = Files.createDirectories(Path.of(args[4]));
    int times = Integer.parseInt(args[5]);
    HostTensor embeds = embeds(folder, dtype, args[2]);
    try (FluxPictureMaker maker =
        FluxPictureMaker.load(
            folder, new CpuBackend(2), dtype, new FluxPictureMaker.Limits(PLENTY, PLENTY))) {
      ToyPreviews previews = new ToyPreviews(maker, embeds, target);
      Drawing with = drawing(folder.defaults(), args[2], Long.parseLong(args[3]), 1);
      Drawing without = drawing(folder.defaults(), args[2], Long.parseLong(args[3]), 0);
      Result first = previews.draw(with);
      double[] plain = new double[times];
      double[] watched = new double[times];
      for (int i = 0; i < times; i++) {
        plain[i] = previews.draw(without).millis();
        watched[i] = previews.draw(with).millis();
      }
      report(dtype, first, plain, watched, System.out);
    }
  }

  private static HostTensor embeds(ModelFolder folder, DType dtype, String prompt) {
    try (Backend backend = new CpuBackend(2);
        EncoderModel encoder =
            EncoderModel.load(folder, backend, dtype, ModelHash.withUserCache())) {
      var tokens =
          encoder.pipeline().tokenize(new Prompt(prompt), encoder.defaultMaxSequenceLength());
      return encoder
          .pipeline()
          .encode(List.of(tokens), encoder.defaultOutputLayers())
          .getFirst()
          .tensor();
    }
  }

  private static Drawing drawing(
      ModelFamily.Defaults defaults, String prompt, long seed, int previewInterval) {
    return new Drawing(
        prompt,
        defaults.width(),
        defaults.height(),
        defaults.numInferenceSteps(),
        (float) defaults.guidanceScale(),
        seed,
        1,
        true,
        previewInterval,
        DrawingOptions.NONE);
  }

  /**
   * One drawing.
   *
   * @param millis in the denoising loop, previews included
   * @param previews how many were made
   * @param largest bytes of the largest
   */
  private record Result(double millis, int previews, int largest) {}

  private Result draw(Drawing drawing) {
    Shown shown = new Shown();
    Pictures pictures = maker.draw(drawing, DrawingInputs.of(embeds, null), shown);
    write("picture.png", pictures.pictures().getFirst());
    return new Result(pictures.denoiseMillis(), shown.count, shown.largest);
  }

  private void write(String name, EncodedPicture picture) {
    try {
      Files.write(target.resolve(name), picture.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void report(
      DType dtype, Result first, double[] plain, double[] watched, PrintStream out) {
    double without = median(plain);
    double with = median(watched);
    out.printf(
        Locale.ROOT,
        "fluxgate %s: %d previews, largest %d bytes; denoising %.0f ms without, %.0f ms with:"
            + " %.2f ms a preview (median of %d)%n",
        dtype,
        first.previews(),
        first.largest(),
        without,
        with,
        (with - without) / first.previews(),
        plain.length);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Keeps what is shown. */
  private final class Shown implements JobProgress {
    private int count;
    private int largest;

    @Override
    public void report(Stage stage, int step, int totalSteps) {}

    @Override
    public void show(EncodedPicture preview, int step) {
      count++;
      largest = Math.max(largest, preview.file().length);
      write("step-%02d.png".formatted(step), preview);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
