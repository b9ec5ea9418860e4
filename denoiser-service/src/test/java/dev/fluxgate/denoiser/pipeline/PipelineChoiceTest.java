package dev.fluxgate.denoiser.pipeline;

import static dev.fluxgate.denoiser.testing.RequestChanges.withPictures;
import static dev.fluxgate.denoiser.testing.RequestChanges.withSchedule;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.InputPictures;
import dev.fluxgate.denoiser.testing.TinyJobs;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.image.Picture;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineChoiceTest {
  private static final Picture PICTURE = TinyJobs.noise(1, 64, 64);
  private static final DenoiseRequest PLAIN = DenoiseRequest.of(64, 64, 1, 1, 7);
  private static final DenoiseRequest REFERENCE =
      withPictures(PLAIN, InputPictures.references(List.of(PICTURE)));
  private static final DenoiseRequest IMAGE =
      withPictures(PLAIN, new InputPictures(List.of(), PICTURE, null, null, null));
  private static final DenoiseRequest MASKED =
      withPictures(PLAIN, new InputPictures(List.of(), PICTURE, PICTURE, null, null));

  @ParameterizedTest
  @CsvSource({
    "FLUX2_DEV, FLUX2, FLUX2, , ",
    "FLUX2_KLEIN, FLUX2_KLEIN, FLUX2_KLEIN, , FLUX2_KLEIN_INPAINT",
    "FLUX2_KLEIN_BASE, FLUX2_KLEIN, FLUX2_KLEIN, , FLUX2_KLEIN_INPAINT",
    "FLUX2_KLEIN_KV, FLUX2_KLEIN_KV, FLUX2_KLEIN_KV, , ",
    "FLUX1_DEV, FLUX, , FLUX_IMG2IMG, FLUX_INPAINT",
    "FLUX1_SCHNELL, FLUX, , FLUX_IMG2IMG, FLUX_INPAINT",
  })
  void goesByThePictures(
      ModelFamily family,
      PipelineKind plain,
      @Nullable PipelineKind reference,
      @Nullable PipelineKind image,
      @Nullable PipelineKind masked) {
    assertChoice(family, PLAIN, plain);
    assertChoice(family, REFERENCE, reference);
    assertChoice(family, IMAGE, image);
    assertChoice(family, MASKED, masked);
  }

  private static void assertChoice(
      ModelFamily family, DenoiseRequest request, @Nullable PipelineKind expected) {
    if (expected == null) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> PipelineChoice.kind(family, null, request))
          .withMessageContaining("given, for which " + family.id() + " has no pipeline");
    } else {
      assertThat(PipelineChoice.kind(family, null, request)).isEqualTo(expected);
    }
  }

  @Test
  void refusesAMaskOnDev() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(ModelFamily.FLUX2_DEV, null, MASKED))
        .withMessage(
            "image, mask_image: given, for which flux2-dev has no pipeline"
                + " (expected: Flux2Pipeline with perhaps references)");
  }

  @Test
  void refusesPicturesThatTheNamedPipelineDoesNotTake() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(ModelFamily.FLUX1_DEV, "FluxPipeline", IMAGE))
        .withMessage("image: given with FluxPipeline (expected: FluxPipeline)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(ModelFamily.FLUX1_DEV, "FluxInpaintPipeline", PLAIN))
        .withMessage(
            "pictures: none with FluxInpaintPipeline (expected: FluxInpaintPipeline with image"
                + " and mask_image, perhaps padding_mask_crop)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLUX2_DEV", "FLUX2_KLEIN", "FLUX1_SCHNELL"})
  void refusesAStrengthFromNoiseAlone(ModelFamily family) {
    DenoiseRequest strong = withSchedule(PLAIN, PLAIN.schedule().withStrength(0.5));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(family, null, strong))
        .withMessageMatching(
            "strength: 0.5 \\(expected: none with Flux2?\\w*Pipeline, which starts from noise"
                + " alone\\)");
  }

  @Test
  void refusesAClassThatIsNoneOrOfAnotherFamily() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(ModelFamily.FLUX2_DEV, "rm -rf", PLAIN))
        .withMessage(
            "pipeline: an unknown class with flux2-dev"
                + " (expected: Flux2Pipeline with perhaps references)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PipelineChoice.kind(ModelFamily.FLUX2_DEV, "FluxPipeline", PLAIN))
        .withMessageStartingWith("pipeline: FluxPipeline with flux2-dev (expected: ");
  }

  @Test
  void refusesElevenReferences() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> InputPictures.references(Collections.nCopies(11, PICTURE)))
        .withMessage("references: 11 (expected: at most 10)");
    assertThat(InputPictures.references(Collections.nCopies(10, PICTURE)).references()).hasSize(10);
  }

  @Test
  void refusesAMaskOfAnotherSizeThanItsImage() {
    InputPictures other = new InputPictures(List.of(), PICTURE, TinyJobs.mask(64, 63), null, null);

    assertThatIllegalArgumentException()
        .isThrownBy(other::withMaskOfItsImage)
        .withMessage("mask_image: 64 x 63 (expected: 64 x 64, the size of image)");
    assertThat(MASKED.pictures().withMaskOfItsImage()).isSameAs(MASKED.pictures());
  }
}
