package dev.fluxgate.cli.selftest;

import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.denoiser.picture.EncodedPicture;
import dev.fluxgate.denoiser.picture.FluxPictureMaker;
import dev.fluxgate.denoiser.picture.JobProgress;
import dev.fluxgate.encoder.pipeline.EncoderModel;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.choice.BackendChoice;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.checkpoint.ModelFolder;
import dev.fluxgate.engine.checkpoint.ModelHash;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import java.util.List;

/** Draws in this process, without services: encoder first, then denoiser, one after the other. */
final class DirectPicture {
  private static final DType TYPE = DType.BF16;
  private static final long PLENTY = 4L << 30;

  private DirectPicture() {}

  /** The PNG file of {@code prompt}, drawn as the model's family draws by default. */
  static byte[] draw(ModelFolder folder, BackendChoice choice, String prompt, long seed) {
    HostTensor embeds = encode(folder, choice, prompt);
    ModelFamily.Defaults defaults = folder.defaults();
    Drawing drawing =
        new Drawing(
            prompt,
            defaults.width(),
            defaults.height(),
            defaults.numInferenceSteps(),
            (float) defaults.guidanceScale(),
            seed,
            1,
            false,
            0,
            DrawingOptions.NONE);
    try (FluxPictureMaker maker =
        FluxPictureMaker.load(
            folder,
            choice.open(TYPE).backend(),
            TYPE,
            new FluxPictureMaker.Limits(PLENTY, PLENTY))) {
      List<EncodedPicture> pictures =
          maker.draw(drawing, DrawingInputs.of(embeds, null), new Unwatched()).pictures();
      return pictures.getFirst().file();
    }
  }

  private static HostTensor encode(ModelFolder folder, BackendChoice choice, String prompt) {
    try (Backend backend = choice.open(TYPE).backend();
        EncoderModel encoder =
            EncoderModel.load(folder, backend, TYPE, ModelHash.withUserCache())) {
      var tokens =
          encoder.pipeline().tokenize(new Prompt(prompt), encoder.defaultMaxSequenceLength());
      return encoder
          .pipeline()
          .encode(List.of(tokens), encoder.defaultOutputLayers())
          .getFirst()
          .tensor();
    }
  }

  /** Nobody looks on, nobody cancels. */
  private static final class Unwatched implements JobProgress {
    @Override
    public void report(Stage stage, int step, int totalSteps) {
      // Drawn within seconds.
    }

    @Override
    public void show(EncodedPicture preview, int step) {
      // None was asked for.
    }

    @Override
    public boolean isCancelled() {
      return false;
    }
  }
}
