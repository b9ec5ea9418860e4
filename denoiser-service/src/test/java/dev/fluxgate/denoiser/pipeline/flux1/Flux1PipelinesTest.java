package dev.fluxgate.denoiser.pipeline.flux1;

import static dev.fluxgate.denoiser.testing.RequestChanges.withGuidance;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNoise;
import static dev.fluxgate.denoiser.testing.RequestChanges.withNumImages;
import static dev.fluxgate.denoiser.testing.RequestChanges.withPictures;
import static dev.fluxgate.denoiser.testing.RequestChanges.withSchedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.denoiser.pipeline.DenoiseListener;
import dev.fluxgate.denoiser.pipeline.GeneratedImages;
import dev.fluxgate.denoiser.pipeline.Pipeline;
import dev.fluxgate.denoiser.pipeline.PipelineChoice;
import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.Guidance;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.NoiseSource.RandomDevice;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.request.TextEmbeds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.reference.ReferenceBackend;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.Picture;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Flux1PipelinesTest {
  private static final Flux1Case DEV = Flux1Case.of("FluxPipeline", "model_flux1_dev");
  private static final Flux1Case SCHNELL = Flux1Case.of("FluxPipeline", "model_flux1_schnell");
  private static final Flux1Case INPAINT = Flux1Case.of("FluxInpaintPipeline", "model_flux1_dev");

  private final Backend backend = new ReferenceBackend();

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void startsFromPackedLatentsAsFromTheSeedThatDrewThem() throws IOException {
    DenoiseRequest seeded = DEV.request();
    HostTensor noise = DEV.golden().tensor("in.initial_latents");
    DenoiseRequest given = withNoise(seeded, NoiseSource.of(0).withLatents(noise));

    assertThat(run(DEV, given, DEV.embeds()).packedLatents().toFloats())
        .isEqualTo(run(DEV, seeded, DEV.embeds()).packedLatents().toFloats());
  }

  @Test
  void drawsEveryPictureFromASeedOfItsOwn() throws IOException {
    DenoiseRequest one = DEV.request();
    NoiseSource both = new NoiseSource(List.of(7L, 8L), RandomDevice.CPU, null);

    HostTensor two = run(DEV, withNoise(withNumImages(one, 2), both), DEV.embeds()).packedLatents();

    for (int n = 0; n < 2; n++) {
      DenoiseRequest alone = withNoise(one, NoiseSource.of(7 + n));
      assertThat(two.slice(n, 1).toFloats())
          .isEqualTo(run(DEV, alone, DEV.embeds()).packedLatents().toFloats());
    }
  }

  @Test
  void ignoresTheGuidanceScaleOnSchnell() throws IOException {
    DenoiseRequest request = SCHNELL.request();

    assertThat(
            run(SCHNELL, withGuidance(request, Guidance.of(9)), SCHNELL.embeds())
                .packedLatents()
                .toFloats())
        .isEqualTo(run(SCHNELL, request, SCHNELL.embeds()).packedLatents().toFloats());
  }

  @Test
  void keepsWhatABlackMaskCovers() throws IOException {
    DenoiseRequest request = INPAINT.request();
    InputPictures pictures = request.pictures();
    Picture image = Objects.requireNonNull(pictures.image());
    Picture black = flat(image.width(), image.height());

    HostTensor first = masked(request, image, black, INPAINT.embeds());
    HostTensor other = masked(request, image, black, zeros(INPAINT.embeds()));

    assertThat(first.toFloats()).isEqualTo(other.toFloats());
  }

  @Test
  void refusesMorePromptTokensThanSchnellTakes() throws IOException {
    PromptEmbeds long300 = embedsOf(SCHNELL.embeds(), 300);
    DenoiseRequest request = SCHNELL.request();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(SCHNELL, request, long300))
        .withMessage("prompt embeds: 300 tokens (expected: at most 256 for flux1-schnell)");
  }

  @Test
  void refusesANegativePromptWithoutTrueGuidance() throws IOException {
    PromptEmbeds both = new PromptEmbeds(DEV.embeds().positive(), DEV.embeds().positive());
    DenoiseRequest request = DEV.request();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, request, both))
        .withMessage("true_cfg_scale: 1.0 with a negative prompt (expected: above 1)");
  }

  @Test
  void refusesTrueGuidanceWithoutANegativePrompt() throws IOException {
    DenoiseRequest request = DEV.request();
    DenoiseRequest guided = withGuidance(request, request.guidance().withTrueCfgScale(2));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, guided, DEV.embeds()))
        .withMessageStartingWith("negative prompt embeds: none (expected: some");
  }

  @Test
  void refusesPooledEmbedsThatAreMissingOrOfAnotherWidth() throws IOException {
    DenoiseRequest request = DEV.request();
    HostTensor sequence = DEV.embeds().positive().sequence();
    PromptEmbeds none = PromptEmbeds.of(sequence);
    PromptEmbeds narrow =
        new PromptEmbeds(
            new TextEmbeds(sequence, HostTensor.zeros(DType.F32, Shape.of(1, 3))), null);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, request, none))
        .withMessage("pooled prompt embeds: none (expected: [1, 32])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, request, narrow))
        .withMessage("pooled prompt embeds: [1, 3] (expected: [1, 32])");
  }

  @Test
  void refusesLatentsOfAnotherShape() throws IOException {
    HostTensor spatial = HostTensor.zeros(DType.F32, Shape.of(1, 5, 16, 12));
    DenoiseRequest request = withNoise(DEV.request(), NoiseSource.of(0).withLatents(spatial));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, request, DEV.embeds()))
        .withMessageMatching("latents: \\[1, 5, 16, 12] \\(expected: \\[1, \\d+, \\d+]\\)");
  }

  /** The picture is what diffusers draws of the golden case with a wide, low mask. */
  @Test
  void drawsOnlyTheRegionOfTheMaskAsTheReference() throws IOException {
    DenoiseRequest request = INPAINT.request();
    Picture image = Objects.requireNonNull(request.pictures().image());
    byte[] levels = new byte[image.width() * image.height()];
    Arrays.fill(levels, 2 * image.width(), 8 * image.width(), (byte) 255);
    for (int y = 0; y < image.height(); y++) {
      levels[y * image.width() + image.width() - 1] = 0;
    }
    Picture mask = Picture.of(Picture.Mode.GREY, image.width(), image.height(), levels);
    DenoiseRequest cropped =
        withPictures(request, new InputPictures(List.of(), image, mask, null, 3));
    RgbImage expected = resource("inpaint_crop.png");

    RgbImage made = run(INPAINT, cropped, INPAINT.embeds()).images().getFirst();

    assertThat(made).hasToString(expected.toString());
    for (int i = 0; i < expected.rgb().length; i++) {
      assertThat((double) Byte.toUnsignedInt(made.rgb()[i]))
          .isCloseTo(Byte.toUnsignedInt(expected.rgb()[i]), Offset.offset(1.0));
    }
  }

  private static RgbImage resource(String name) throws IOException {
    try (InputStream file = Flux1PipelinesTest.class.getResourceAsStream(name)) {
      byte[] bytes = Objects.requireNonNull(file, name).readAllBytes();
      return PngFile.decode(name, bytes).image();
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.1, -0.5, Double.NaN})
  void refusesAStrengthThatIsNone(double strength) throws IOException {
    DenoiseRequest request = INPAINT.request();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> request.schedule().withStrength(strength))
        .withMessage("strength: " + strength + " (expected: above 0, at most 1)");
  }

  @Test
  void runsOneStepOfTheLeastStrength() throws IOException {
    DenoiseRequest request = INPAINT.request();
    DenoiseRequest weak = withSchedule(request, request.schedule().withStrength(0.001));

    assertThat(run(INPAINT, weak, INPAINT.embeds()).images()).hasSize(1);
  }

  @Test
  void refusesAStrengthWithoutAPicture() throws IOException {
    DenoiseRequest request = DEV.request();
    DenoiseRequest strong = withSchedule(request, request.schedule().withStrength(0.5));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(DEV, strong, DEV.embeds()))
        .withMessageStartingWith("strength: 0.5 (expected: none with FluxPipeline");
  }

  private GeneratedImages run(Flux1Case flux1, DenoiseRequest request, PromptEmbeds embeds) {
    try (DenoiserModel model =
        DenoiserModel.load(flux1.folder(), backend, DType.F32, StageProbe.NONE)) {
      Pipeline pipeline = PipelineChoice.of(model, null, request);
      return pipeline.run(request, embeds, DenoiseListener.NONE);
    }
  }

  private HostTensor masked(
      DenoiseRequest request, Picture image, Picture mask, PromptEmbeds embeds) {
    InputPictures pictures = new InputPictures(List.of(), image, mask, null, null);
    return run(INPAINT, withPictures(request, pictures), embeds).packedLatents();
  }

  private static Picture flat(int width, int height) {
    return Picture.of(new RgbImage(width, height, new byte[RgbImage.CHANNELS * width * height]));
  }

  private static PromptEmbeds embedsOf(PromptEmbeds like, int tokens) {
    Shape s = like.positive().sequence().shape();
    HostTensor sequence = HostTensor.zeros(DType.F32, Shape.of(1, tokens, s.dim(2)));
    return new PromptEmbeds(new TextEmbeds(sequence, like.positive().pooled()), null);
  }

  private static PromptEmbeds zeros(PromptEmbeds like) {
    return embedsOf(like, like.positive().sequence().shape().size(1));
  }
}
