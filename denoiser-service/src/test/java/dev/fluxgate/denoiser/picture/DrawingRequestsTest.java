package dev.fluxgate.denoiser.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.request.DenoiseRequest;
import dev.fluxgate.denoiser.request.NoiseSource;
import dev.fluxgate.denoiser.request.PromptEmbeds;
import dev.fluxgate.denoiser.testing.TinyJobs;
import dev.fluxgate.engine.checkpoint.ModelFamily;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.MalformedImageException;
import dev.fluxgate.image.PngWriter;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a drawing becomes, with pictures and before they are there. */
class DrawingRequestsTest {
  private static final byte[] PICTURE =
      PngWriter.encode(TinyJobs.noise(1, 80, 64).toRgb(), Map.of());

  @Test
  void makesABatchOfOneOfEmbeds() {
    for (Shape shape : List.of(Shape.of(5, 8), Shape.of(1, 5, 8))) {
      assertThat(embeds(shape, null).positive().sequence().shape()).isEqualTo(Shape.of(1, 5, 8));
    }
    for (Shape pooled : List.of(Shape.of(4), Shape.of(1, 4))) {
      PromptEmbeds made = embeds(Shape.of(5, 8), pooled);
      assertThat(Objects.requireNonNull(made.positive().pooled()).shape())
          .isEqualTo(Shape.of(1, 4));
    }
  }

  @Test
  void refusesEmbedsOfAnotherRank() {
    for (Shape shape : List.of(Shape.of(8), Shape.of(2, 5, 8), Shape.of(1, 1, 5, 8))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> embeds(shape, null))
          .withMessage("prompt embeds: " + shape + " (expected: [tokens, width])");
    }
    for (Shape pooled : List.of(Shape.of(2, 4), Shape.of(1, 1, 4))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> embeds(Shape.of(5, 8), pooled))
          .withMessage("pooled prompt embeds: " + pooled + " (expected: [width])");
    }
  }

  private static PromptEmbeds embeds(Shape shape, @Nullable Shape pooled) {
    return DrawingRequests.embeds(
        new DrawingInputs(
            new DrawingInputs.Text(
                HostTensor.zeros(DType.F32, shape),
                pooled == null ? null : HostTensor.zeros(DType.F32, pooled)),
            null,
            List.of(),
            PICTURE,
            PICTURE,
            null));
  }

  @Test
  void takesNumbersAsTheyWereTyped() {
    DrawingOptions options =
        new DrawingOptions(
            "",
            new DrawingOptions.Words(null, 0.1f, null, null, ""),
            new DrawingOptions.Start(0.6f, null, false),
            new DrawingOptions.Noise(List.of(3L), DrawingOptions.Generator.CUDA, List.of(1f)),
            new DrawingOptions.Output(DrawingOptions.OutputFormat.PNG, 64, 0.3f),
            Map.of());

    DenoiseRequest request = request(ModelFamily.FLUX1_DEV, options, List.of(PICTURE), null);

    assertThat(request.guidance().trueCfgScale()).isEqualTo(0.1);
    assertThat(request.schedule().strength()).isEqualTo(0.6);
    assertThat(request.tiling().tileOverlap()).isEqualTo(0.3);
    assertThat(request.noise().seeds()).containsExactly(3L);
    assertThat(request.noise().generator()).isEqualTo(NoiseSource.RandomDevice.CUDA);
  }

  @ParameterizedTest
  @EnumSource
  void startsFromAPictureOnlyWhereTheFamilyOrTheRequestSaysSo(ModelFamily family) {
    boolean always = family == ModelFamily.FLUX1_DEV || family == ModelFamily.FLUX1_SCHNELL;

    DenoiseRequest plain = request(family, DrawingOptions.NONE, List.of(PICTURE), null);
    assertThat(plain.pictures().image() != null).isEqualTo(always);
    assertThat(plain.pictures().references()).hasSize(always ? 0 : 1);

    DenoiseRequest strong = request(family, started(0.5f, false), List.of(PICTURE), null);
    assertThat(strong.pictures().image()).isNotNull();
    DenoiseRequest masked = request(family, DrawingOptions.NONE, List.of(PICTURE), PICTURE);
    assertThat(masked.pictures().image()).isNotNull();
    assertThat(masked.pictures().references()).isEmpty();
  }

  @Test
  void refusesToStartFromTwoPicturesAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            request(ModelFamily.FLUX1_DEV, DrawingOptions.NONE, List.of(PICTURE, PICTURE), null))
        .withMessage("images: 2 (expected: 1, from which the picture starts)");
  }

  @Test
  void namesTheFileThatIsNoPicture() {
    byte[] cut = Arrays.copyOf(PICTURE, 60);

    assertThatThrownBy(
            () -> request(ModelFamily.FLUX2_DEV, DrawingOptions.NONE, List.of(PICTURE, cut), null))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageStartingWith("images[1]: ");
    assertThatThrownBy(
            () -> request(ModelFamily.FLUX1_DEV, DrawingOptions.NONE, List.of(PICTURE), cut))
        .isInstanceOf(MalformedImageException.class)
        .hasMessageStartingWith("mask_image: ");
  }

  @Test
  void refusesAMaskByOpacityThatHasNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> request(ModelFamily.FLUX1_DEV, started(null, true), List.of(PICTURE), PICTURE))
        .withMessage(
            "mask_image: no alpha channel (expected: one, transparent where to paint anew)");
  }

  @Test
  void refusesAMaskOfAnotherSizeWithAndWithoutItsPixels() {
    byte[] small = PngWriter.encode(TinyJobs.noise(2, 64, 64).toRgb(), Map.of());
    String message = "mask_image: 64 x 64 (expected: 80 x 64, the size of image)";

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> request(ModelFamily.FLUX1_DEV, DrawingOptions.NONE, List.of(PICTURE), small))
        .withMessage(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingRequests.outline(
                drawing(DrawingOptions.NONE),
                shapes(List.of(new Size(80, 64)), new Size(64, 64)),
                ModelFamily.FLUX1_DEV))
        .withMessage(message);
  }

  @Test
  void holdsTheTrueSizesOfMaskAndPictureAgainstEachOther() {
    // Scaled down for a model both would be of one size.
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingRequests.outline(
                drawing(DrawingOptions.NONE),
                shapes(List.of(new Size(4000, 4000)), new Size(2000, 2000)),
                ModelFamily.FLUX1_DEV))
        .withMessage("mask_image: 2000 x 2000 (expected: 4000 x 4000, the size of image)");
  }

  @Test
  void outlinesReferencesByTheirTrueSizes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingRequests.outline(
                drawing(DrawingOptions.NONE),
                shapes(List.of(new Size(64, 64), new Size(64, 63)), null),
                ModelFamily.FLUX2_DEV))
        .withMessageStartingWith("images[1]: 64 x 63 (expected: ");
    DenoiseRequest huge =
        DrawingRequests.outline(
            drawing(DrawingOptions.NONE),
            shapes(List.of(new Size(8000, 4000)), null),
            ModelFamily.FLUX2_DEV);
    assertThat(
            (long) huge.pictures().references().getFirst().width()
                * huge.pictures().references().getFirst().height())
        .as("no more blank pixels than a pipeline would keep")
        .isLessThanOrEqualTo(1 << 20);
  }

  @Test
  void refusesMoreReferencesThanAnyModelTakes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingRequests.outline(
                drawing(DrawingOptions.NONE),
                shapes(Collections.nCopies(11, new Size(64, 64)), null),
                ModelFamily.FLUX2_DEV))
        .withMessage("references: 11 (expected: at most 10)");
  }

  private static DrawingInputs.Shapes shapes(List<Size> images, @Nullable Size mask) {
    return new DrawingInputs.Shapes(5, 0, images, mask, null);
  }

  private static DrawingOptions started(@Nullable Float strength, boolean byOpacity) {
    DrawingOptions none = DrawingOptions.NONE;
    return new DrawingOptions(
        "",
        none.words(),
        new DrawingOptions.Start(strength, null, byOpacity),
        none.noise(),
        none.output(),
        Map.of());
  }

  private static Drawing drawing(DrawingOptions options) {
    return new Drawing("", 64, 64, 4, 1, 7, 1, true, 0, options);
  }

  private static DenoiseRequest request(
      ModelFamily family, DrawingOptions options, List<byte[]> images, byte @Nullable [] mask) {
    DrawingInputs.Text none =
        new DrawingInputs.Text(HostTensor.zeros(DType.F32, Shape.of(1, 1)), null);
    DrawingInputs inputs =
        mask == null
            ? DrawingInputs.of(none.embeds(), null).withImages(images)
            : new DrawingInputs(none, null, images, mask, PICTURE, null);
    return DrawingRequests.request(drawing(options), inputs, family);
  }
}
