package dev.fluxgate.denoiser.pipeline;

import static dev.fluxgate.denoiser.testing.RequestChanges.withGuidance;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNoise;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNumImages;
import static dev.fluxgate.denoiser.testing.RequestChanges.withPictures;
import static dev.fluxgate.denoiser.testing.RequestChanges.withSchedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.LatentPacker;
import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.NoiseSource.RandomDevice;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.StepSchedule;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.denoiser.testing.TinyJobs;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.random.PhiloxGenerator;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every field of a request changes, and what it must not change. */
class RequestEffectsTest {
  private static final int SIDE = 32;

  private final Backend backend = new ReferenceBackend();

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @EnumSource
  void drawsPictureIOfASeedListAsThatSeedAlone(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      DenoiseRequest request = TinyJobs.request(kind, SIDE, SIDE);
      PromptEmbeds embeds = TinyJobs.embeds(model);
      NoiseSource both = new NoiseSource(List.of(7L, -3L), RandomDevice.CPU, null);

      GeneratedImages two = run(model, kind, withNoise(withNumImages(request, 2), both), embeds);

      GeneratedImages first = run(model, kind, withNoise(request, NoiseSource.of(7)), embeds);
      assertThat(two.images().getFirst()).isEqualTo(first.images().getFirst());
      GeneratedImages second = run(model, kind, withNoise(request, NoiseSource.of(-3)), embeds);
      if (kind == PipelineKind.FLUX_IMG2IMG || kind == PipelineKind.FLUX_INPAINT) {
        // The draw from the posterior, which all pictures share, is the first generator's.
        assertThat(two.images().getLast()).isNotEqualTo(two.images().getFirst());
      } else {
        assertThat(two.images().getLast()).isEqualTo(second.images().getFirst());
      }
    }
  }

  @Test
  void refusesSeedsThatAreNotOneAPicture() throws IOException {
    try (DenoiserModel model = TinyJobs.load(ModelFamily.FLUX2_KLEIN, backend)) {
      NoiseSource three = new NoiseSource(List.of(1L, 2L, 3L), RandomDevice.CPU, null);
      DenoiseRequest request = withNoise(withNumImages(plain(), 2), three);

      assertThatIllegalArgumentException()
          .isThrownBy(() -> run(model, null, request, TinyJobs.embeds(model)))
          .withMessage("seeds: 3 (expected: one, or one for each of 2 pictures)");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX1_DEV"})
  void drawsTheNumbersOfTheDeviceThatIsNamed(ModelFamily family) throws IOException {
    try (DenoiserModel model = TinyJobs.load(family, backend)) {
      PromptEmbeds embeds = TinyJobs.embeds(model);
      DenoiseRequest onCuda =
          withNoise(plain(), new NoiseSource(List.of(7L), RandomDevice.CUDA, null));

      HostTensor cuda = run(model, null, onCuda, embeds).latents();

      assertThat(run(model, null, onCuda, embeds).latents().toFloats()).isEqualTo(cuda.toFloats());
      assertThat(run(model, null, plain(), embeds).latents().toFloats())
          .isNotEqualTo(cuda.toFloats());
      HostTensor drawn = new PhiloxGenerator(7).randn(latentShape(model), DType.F32);
      DenoiseRequest given =
          withNoise(plain(), NoiseSource.of(0).withLatents(asGiven(model, drawn)));
      assertThat(run(model, null, given, embeds).latents().toFloats()).isEqualTo(cuda.toFloats());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX2_KLEIN_BASE", "FLUX1_DEV"})
  void startsFromLatentsAsFromTheSeedThatDrewThem(ModelFamily family) throws IOException {
    try (DenoiserModel model = TinyJobs.load(family, backend)) {
      PromptEmbeds embeds = TinyJobs.embeds(model);
      HostTensor drawn = new TorchGenerator(7).randn(latentShape(model), DType.F32);
      DenoiseRequest given =
          withNoise(plain(), NoiseSource.of(99).withLatents(asGiven(model, drawn)));

      assertThat(run(model, null, given, embeds).images())
          .isEqualTo(run(model, null, plain(), embeds).images());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX1_DEV"})
  void goesOnFromTheLatentsOfAStoppedJob(ModelFamily family) throws IOException {
    try (DenoiserModel model = TinyJobs.load(family, backend)) {
      PromptEmbeds embeds = TinyJobs.embeds(model);
      HostTensor packed = run(model, null, plain(), embeds).packedLatents();
      // A last level so small that the one step hardly moves: what went in comes out.
      DenoiseRequest again =
          withNoise(
              withSchedule(plain(), StepSchedule.of(1).withSigmas(List.of(1e-6f))),
              NoiseSource.of(0).withLatents(unpacked(model, packed)));

      HostTensor out = run(model, null, again, embeds).packedLatents();

      for (long i = 0; i < packed.shape().count(); i++) {
        assertThat(out.get(i)).isCloseTo(packed.get(i), within());
      }
    }
  }

  private static Offset<Float> within() {
    return Offset.offset(1e-3f);
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX1_DEV"})
  void steersAwayOnlyAboveOne(ModelFamily family) throws IOException {
    try (DenoiserModel model = TinyJobs.load(family, backend)) {
      PromptEmbeds both = TinyJobs.bothEmbeds(model);
      PromptEmbeds positive = new PromptEmbeds(both.positive(), null);
      Guidance plain = plain().guidance();

      List<RgbImage> unsteered = run(model, null, plain(), positive).images();
      List<RgbImage> atOne =
          run(model, null, withGuidance(plain(), plain.withTrueCfgScale(1)), positive).images();
      List<RgbImage> steered =
          run(model, null, withGuidance(plain(), plain.withTrueCfgScale(3)), both).images();

      assertThat(atOne).isEqualTo(unsteered);
      assertThat(steered).isNotEqualTo(unsteered);
    }
  }

  @Test
  void steersNowhereAwayFromThePromptItself() throws IOException {
    try (DenoiserModel model = TinyJobs.load(ModelFamily.FLUX2_KLEIN, backend)) {
      PromptEmbeds embeds = TinyJobs.embeds(model);
      PromptEmbeds same = new PromptEmbeds(embeds.positive(), embeds.positive());
      DenoiseRequest guided = withGuidance(plain(), plain().guidance().withTrueCfgScale(3));

      assertThat(run(model, null, guided, same).packedLatents().toFloats())
          .isEqualTo(run(model, null, plain(), embeds).packedLatents().toFloats());
    }
  }

  @Test
  void refusesTrueGuidanceTwiceOnKleinBase() throws IOException {
    try (DenoiserModel model = TinyJobs.load(ModelFamily.FLUX2_KLEIN_BASE, backend)) {
      DenoiseRequest twice = withGuidance(plain(), plain().guidance().withTrueCfgScale(2));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> run(model, null, twice, TinyJobs.bothEmbeds(model)))
          .withMessage(
              "true_cfg_scale: 2.0 (expected: none for flux2-klein-base, whose guidance_scale is"
                  + " the true guidance)");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX1_DEV"})
  void runsOverTheNoiseLevelsThatAreGiven(ModelFamily family) throws IOException {
    try (DenoiserModel model = TinyJobs.load(family, backend)) {
      PromptEmbeds embeds = TinyJobs.embeds(model);
      StepSchedule usual = StepSchedule.of(2);

      List<RgbImage> byDefault = run(model, null, plain(), embeds).images();
      List<RgbImage> spelledOut =
          run(model, null, withSchedule(plain(), usual.withSigmas(List.of(1f, 0.5f))), embeds)
              .images();
      List<RgbImage> other =
          run(model, null, withSchedule(plain(), usual.withSigmas(List.of(0.9f, 0.2f))), embeds)
              .images();

      assertThat(spelledOut).isEqualTo(byDefault);
      assertThat(other).isNotEqualTo(byDefault);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.1, -1, Double.NaN})
  void refusesAStrengthThatIsNone(double strength) {
    StepSchedule schedule = StepSchedule.of(4);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule.withStrength(strength))
        .withMessage("strength: " + strength + " (expected: above 0, at most 1)");
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_KLEIN_INPAINT", "FLUX_INPAINT", "FLUX_IMG2IMG"})
  void drawsMoreAnewWithMoreStrength(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      DenoiseRequest request = withSchedule(TinyJobs.request(kind, SIDE, SIDE), StepSchedule.of(6));
      PromptEmbeds embeds = TinyJobs.embeds(model);
      double usual = Objects.requireNonNull(kind.defaultStrength());

      HostTensor byDefault = run(model, kind, request, embeds).packedLatents();
      HostTensor asUsual = withStrength(model, kind, request, usual).packedLatents();
      HostTensor full = withStrength(model, kind, request, 1).packedLatents();

      assertThat(asUsual.toFloats()).isEqualTo(byDefault.toFloats());
      assertThat(full.toFloats()).isNotEqualTo(byDefault.toFloats());
    }
  }

  private static GeneratedImages withStrength(
      DenoiserModel model, PipelineKind kind, DenoiseRequest request, double strength) {
    DenoiseRequest other = withSchedule(request, request.schedule().withStrength(strength));
    return run(model, kind, other, TinyJobs.embeds(model));
  }

  @ParameterizedTest
  @CsvSource({"FLUX2_KLEIN_INPAINT, 61, 83", "FLUX_INPAINT, 45, 31", "FLUX_INPAINT, 31, 70"})
  void leavesTheSourceAsItIsOutsideOfTheMask(PipelineKind kind, int width, int height)
      throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      Picture source = TinyJobs.noise(3, width, height);
      Picture mask = TinyJobs.mask(width, height);
      DenoiseRequest request =
          withPictures(plain(), new InputPictures(List.of(), source, mask, null, 2));

      RgbImage made = run(model, kind, request, TinyJobs.embeds(model)).images().getFirst();

      assertThat(made.width()).isEqualTo(width);
      assertThat(made.height()).isEqualTo(height);
      byte[] before = source.toRgb().rgb();
      int changed = 0;
      for (int i = 0; i < before.length; i++) {
        boolean kept = mask.samples()[i / RgbImage.CHANNELS] == 0;
        boolean same = made.rgb()[i] == before[i];
        assertThat(same || !kept).as("value %s", i).isTrue();
        changed += same ? 0 : 1;
      }
      assertThat(changed).isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLUX2_KLEIN_INPAINT", "FLUX_INPAINT"})
  void refusesToCropToAMaskThatIsBlack(PipelineKind kind) throws IOException {
    try (DenoiserModel model = TinyJobs.model(kind, backend)) {
      Picture black = Picture.of(Picture.Mode.GREY, 50, 40, new byte[50 * 40]);
      InputPictures pictures =
          new InputPictures(List.of(), TinyJobs.noise(3, 50, 40), black, null, 2);

      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> run(model, kind, withPictures(plain(), pictures), TinyJobs.embeds(model)))
          .withMessageStartingWith("mask: all black (expected: ");
    }
  }

  @Test
  void refusesAReferenceOfOnePixel() throws IOException {
    try (DenoiserModel model = TinyJobs.load(ModelFamily.FLUX2_DEV, backend)) {
      InputPictures pictures =
          InputPictures.references(List.of(TinyJobs.noise(1, 64, 64), TinyJobs.noise(1, 1, 1)));

      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> run(model, null, withPictures(plain(), pictures), TinyJobs.embeds(model)))
          .withMessage("images[1]: 1 x 1 (expected: at least 64 pixels each way)");
    }
  }

  @Test
  void namesTheFirstEmbedThatIsNoNumber() {
    HostTensor sequence = HostTensor.zeros(DType.F32, Shape.of(2, 3, 4));
    HostTensor broken = HostTensor.zeros(DType.F32, sequence.shape());
    broken.set(1 * 12 + 2 * 4 + 3, Float.NaN);
    HostTensor pooled = HostTensor.of(DType.F32, Shape.of(2, 2), 0, 0, Float.NEGATIVE_INFINITY, 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptEmbeds.of(broken))
        .withMessage("prompt embeds: [1, 2, 3] is NaN (expected: a number)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptEmbeds.of(sequence, broken))
        .withMessage("negative prompt embeds: [1, 2, 3] is NaN (expected: a number)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PromptEmbeds(new TextEmbeds(sequence, pooled), null))
        .withMessage("pooled prompt embeds: [1, 0] is -Infinity (expected: a number)");
  }

  @Test
  void refusesLatentsThatAreNoNumbers() throws IOException {
    try (DenoiserModel model = TinyJobs.load(ModelFamily.FLUX2_KLEIN, backend)) {
      HostTensor latents = HostTensor.zeros(DType.F32, latentShape(model));
      latents.set(5, Float.NaN);
      DenoiseRequest request = withNoise(plain(), NoiseSource.of(0).withLatents(latents));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> run(model, null, request, TinyJobs.embeds(model)))
          .withMessage("latents: element 5 is NaN (expected: a number)");
    }
  }

  /** Two steps from noise. */
  private static DenoiseRequest plain() {
    return DenoiseRequest.of(SIDE, SIDE, 2, 1, 7);
  }

  private static GeneratedImages run(
      DenoiserModel model,
      @Nullable PipelineKind kind,
      DenoiseRequest request,
      PromptEmbeds embeds) {
    return PipelineChoice.of(model, kind == null ? null : kind.className(), request)
        .run(request, embeds, DenoiseListener.NONE);
  }

  /** Of the noise of one picture, as its family draws it. */
  private static Shape latentShape(DenoiserModel model) {
    int tokens = SIDE / model.tokenPixels();
    return model.family() == ModelFamily.FLUX1_DEV
        ? Shape.of(1, model.codec().latentChannels(), 2L * tokens, 2L * tokens)
        : Shape.of(1, model.codec().channels(), tokens, tokens);
  }

  /** As a request of the family gives it: FLUX.1 takes tokens. */
  private static HostTensor asGiven(DenoiserModel model, HostTensor drawn) {
    return model.family() == ModelFamily.FLUX1_DEV
        ? LatentPacker.pack(LatentPacker.patchify(drawn))
        : drawn;
  }

  /** (1, S, C) as a request of the family gives it. */
  private static HostTensor unpacked(DenoiserModel model, HostTensor packed) {
    int tokens = SIDE / model.tokenPixels();
    return model.family() == ModelFamily.FLUX1_DEV
        ? packed
        : LatentPacker.unpack(packed, new LatentGrid(tokens, tokens));
  }
}
