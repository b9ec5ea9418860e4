package dev.fluxgate.denoiser.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.testing.Toy;
import dev.fluxgate.denoiser.vae.LatentNormalizer;
import dev.fluxgate.denoiser.vae.VaeActivations;
import dev.fluxgate.denoiser.vae.VaeDecoder;
import dev.fluxgate.denoiser.vae.VaeEncoder;
import dev.fluxgate.denoiser.vae.VaeParams;
import dev.fluxgate.denoiser.vae.VaeWeights;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Previews by the toy's VAE, of latents that its encoder made of the toy's own pictures. */
class LatentPreviewTest {
  private static final DType DTYPE = DType.F32;

  private final Backend backend = new CpuBackend(2);
  private final Checkpoint checkpoint = Checkpoint.open(Toy.model().component("vae"));
  private final WeightStore store = backend.weights(DTYPE);
  private final VaeParams params =
      VaeParams.of(ConfigJson.read(Toy.model().component("vae").resolve("config.json")));
  private final LatentNormalizer normalizer = LatentNormalizer.load(params, checkpoint, DTYPE);
  private final VaeEncoder encoder =
      new VaeEncoder(backend, VaeWeights.encoder(params, checkpoint, store), StageProbe.NONE);
  private final LatentPreview preview =
      new LatentPreview(
          params,
          normalizer,
          new VaeDecoder(backend, VaeWeights.decoder(params, checkpoint, store), StageProbe.NONE),
          DTYPE);

  @AfterEach
  void free() {
    store.close();
    checkpoint.close();
    backend.close();
  }

  /**
   * 20 dB is an error of a tenth of the range, at which every colour still has its name; at 15 it
   * is a sixth, and red is brown.
   */
  @Test
  void looksLikeThePictureAndNotLikeOneSetOfWeightsForAll() throws IOException {
    List<double[]> latents = new ArrayList<>();
    List<double[]> colours = new ArrayList<>();
    RidgeRegression together = new RidgeRegression(params.latentChannels(), RgbImage.CHANNELS);
    double sum = 0;
    for (RgbImage picture : Toy.pictures()) {
      LatentGrid grid = grid(picture);
      float[] rows = encode(picture);
      RgbImage small = draw(rows, grid);
      double psnr = psnr(small, picture);
      assertThat(psnr).as("of %s", picture).isGreaterThan(18);
      sum += psnr;
      collect(rows, grid, picture, latents, colours);
    }
    for (int i = 0; i < latents.size(); i++) {
      together.add(latents.get(i), colours.get(i));
    }

    assertThat(sum / Toy.pictures().size()).isGreaterThan(24);
    assertThat(psnr(together.solve(), latents, colours)).isLessThan(17);
  }

  @Test
  void isNeverLargerThanThePictureOrThan256() {
    assertThat(draw(zeros(8, 8), new LatentGrid(8, 8))).hasToString("RgbImage[128 x 128]");
    assertThat(draw(zeros(16, 8), new LatentGrid(16, 8))).hasToString("RgbImage[128 x 256]");
    assertThat(draw(zeros(48, 64), new LatentGrid(48, 64))).hasToString("RgbImage[256 x 192]");
    assertThat(draw(zeros(8, 256), new LatentGrid(8, 256))).hasToString("RgbImage[256 x 8]");
    assertThat(draw(zeros(1, 1024), new LatentGrid(1, 1024))).hasToString("RgbImage[256 x 1]");
  }

  @Test
  void learnsAnewAtTheFirstSecondFourthAndEighthPreviewOfAPicture() throws IOException {
    RgbImage first = Toy.pictures().getFirst();
    RgbImage other = Toy.pictures().get(2);
    List<Boolean> learnt = new ArrayList<>();
    var _ =
        inWorkspace(
            workspace -> preview.layOut(workspace, grid(first)),
            memory -> {
              for (int i = 1; i <= 9; i++) {
                // Two pictures under one index tell whose weights are in use.
                RgbImage picture = i % 4 == 2 || i == 8 ? other : first;
                RgbImage alone = draw(encode(picture), grid(picture));
                learnt.add(preview.draw(0, encode(picture), memory).equals(alone));
              }
              return memory;
            });
    assertThat(learnt).containsExactly(true, true, false, true, true, false, true, true, false);
  }

  @Test
  void isBlackWhereThereAreNoNumbers() {
    float[] rows = zeros(2, 2);
    Arrays.fill(rows, Float.NaN);
    assertThat(draw(rows, new LatentGrid(2, 2)).rgb()).containsOnly(0);
  }

  @Test
  void refusesLatentsOfAnotherSize() {
    assertThatThrownBy(() -> draw(zeros(2, 2), new LatentGrid(2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("latents: 128 numbers (expected: 6 tokens of 32)");
  }

  private float[] zeros(int rows, int columns) {
    return new float[rows * columns * SmallLatents.PIXELS * params.latentChannels()];
  }

  private LatentGrid grid(RgbImage picture) {
    int token = LatentPacker.PATCH * params.scale();
    return LatentGrid.of(picture.width(), picture.height(), token);
  }

  /** In exactly the memory that was planned. */
  private RgbImage draw(float[] rows, LatentGrid grid) {
    return inWorkspace(w -> preview.layOut(w, grid), memory -> preview.draw(0, rows, memory));
  }

  /** Picture → (S, 4·Z), normalised, as the denoising loop would end with it. */
  private float[] encode(RgbImage picture) {
    int h = picture.height();
    int w = picture.width();
    HostTensor pixels = HostTensor.zeros(DTYPE, Shape.of(1, RgbImage.CHANNELS, h, w));
    for (int c = 0; c < RgbImage.CHANNELS; c++) {
      for (int i = 0; i < h * w; i++) {
        pixels.set((long) c * h * w + i, picture.level(i % w, i / w, c) / 127.5f - 1);
      }
    }
    HostTensor latents =
        inWorkspace(
            workspace -> VaeActivations.encoding(workspace, params, DTYPE, 1, h, w),
            activations -> encoder.encode(pixels, activations).mean());
    return LatentPacker.pack(normalizer.normalize(LatentPacker.patchify(latents))).toFloats();
  }

  private <M, T> T inWorkspace(Function<Workspace, M> layout, Function<M, T> work) {
    Consumer<Workspace> planned = plan -> assertThat(layout.apply(plan)).isNotNull();
    try (Workspace workspace = backend.workspace(WorkspacePlan.bytes(planned))) {
      return work.apply(layout.apply(workspace));
    }
  }

  /** Every latent pixel of a picture, and the colour in [0, 1] that it stands for. */
  private void collect(
      float[] rows,
      LatentGrid grid,
      RgbImage picture,
      List<double[]> latents,
      List<double[]> colours) {
    int channels = params.latentChannels();
    for (int i = 0; i < grid.tokens() * SmallLatents.PIXELS; i++) {
      int token = i / SmallLatents.PIXELS;
      int pixel = i % SmallLatents.PIXELS;
      double[] latent = new double[channels];
      for (int c = 0; c < channels; c++) {
        latent[c] = rows[(token * channels + c) * SmallLatents.PIXELS + pixel];
      }
      int x = token % grid.columns() * LatentPacker.PATCH + pixel % LatentPacker.PATCH;
      int y = token / grid.columns() * LatentPacker.PATCH + pixel / LatentPacker.PATCH;
      latents.add(latent);
      colours.add(colour(picture, x, y));
    }
  }

  private double[] colour(RgbImage picture, int x, int y) {
    int scale = params.scale();
    double[] colour = new double[RgbImage.CHANNELS];
    for (int i = 0; i < scale * scale; i++) {
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        int level = picture.level(x * scale + i % scale, y * scale + i / scale, c);
        colour[c] += level / 255.0 / (scale * scale);
      }
    }
    return colour;
  }

  /** Of the pixels of a preview against the mean colours of the squares they stand for. */
  private double psnr(RgbImage small, RgbImage picture) {
    int cells = picture.width() / params.scale();
    int enlarged = small.width() / cells;
    double error = 0;
    int count = cells * (picture.height() / params.scale());
    for (int i = 0; i < count; i++) {
      double[] expected = colour(picture, i % cells, i / cells);
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        int level = small.level(i % cells * enlarged, i / cells * enlarged, c);
        error += Math.pow(level / 255.0 - expected[c], 2);
      }
    }
    return decibels(error / (count * RgbImage.CHANNELS));
  }

  private static double psnr(double[][] weights, List<double[]> latents, List<double[]> colours) {
    double error = 0;
    for (int i = 0; i < latents.size(); i++) {
      double[] latent = latents.get(i);
      for (int c = 0; c < RgbImage.CHANNELS; c++) {
        double sum = weights[c][latent.length];
        for (int k = 0; k < latent.length; k++) {
          sum += weights[c][k] * latent[k];
        }
        error += Math.pow(Math.clamp(sum, 0, 1) - colours.get(i)[c], 2);
      }
    }
    return decibels(error / (latents.size() * RgbImage.CHANNELS));
  }

  private static double decibels(double meanSquare) {
    return -10 * Math.log10(meanSquare);
  }
}
