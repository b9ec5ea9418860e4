package dev.fluxgate.denoiser.picture;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.denoiser.testing.Toy;
import dev.fluxgate.engine.backend.cpu.CpuBackend;
import dev.fluxgate.engine.random.TorchGenerator;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.image.ImageFormat;
import dev.fluxgate.image.PngFile;
import dev.fluxgate.image.RgbImage;
import dev.fluxgate.image.decode.DecodeLimits;
import dev.fluxgate.image.decode.PictureDecoder;
import dev.fluxgate.image.encode.PictureEncoder;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drawings of the toy, from embeds of no prompt at all. */
class FluxPictureMakerTest {
  private static final long PLENTY = 1L << 30;
  private static final int TOKENS = 8;

  private final FluxPictureMaker maker = load(PLENTY);
  private final Heard heard = new Heard();

  private static FluxPictureMaker load(long activationBytes) {
    return FluxPictureMaker.load(
        Toy.model(),
        new CpuBackend(2),
        DType.BF16,
        new FluxPictureMaker.Limits(PLENTY, activationBytes));
  }

  @AfterEach
  void free() {
    maker.close();
  }

  @ParameterizedTest
  @CsvSource({"1, '1 2 3 4'", "2, '2 4'", "3, '3'", "5, ''", "9, ''", "0, ''"})
  void previewsAfterEverySoManyStepsButNeverAfterTheLast(int interval, String steps) {
    draw(drawing(5, 1, interval));
    assertThat(heard.previewSteps).isEqualTo(steps.isEmpty() ? List.of() : ints(steps));
  }

  private static List<Integer> ints(String steps) {
    return Arrays.stream(steps.split(" ")).map(Integer::valueOf).toList();
  }

  @Test
  void previewsEveryPictureOfAJobAsAPngOfItsShape() {
    draw(drawing(2, 3, 1));
    assertThat(heard.previews).extracting(EncodedPicture::index).containsExactly(0, 1, 2);
    for (EncodedPicture preview : heard.previews) {
      assertThat(preview.file().length).isLessThan(256 << 10);
      assertThat(preview.width()).isEqualTo(64);
      assertThat(preview.height()).isEqualTo(96);
      assertThat(PngFile.decode("preview", preview.file()).image())
          .hasToString("RgbImage[64 x 96]");
    }
    assertThat(heard.previews.get(0).file()).isNotEqualTo(heard.previews.get(1).file());
  }

  @Test
  void drawsTheSameFileWhetherLookedAtOrNot() {
    byte[] unseen = draw(drawing(4, 1, 0)).pictures().getFirst().file();
    byte[] seen = draw(drawing(4, 1, 1)).pictures().getFirst().file();
    assertThat(heard.previews).hasSize(3);
    assertThat(seen).isEqualTo(unseen);
  }

  @Test
  void refusesAnIntervalThatIsNone() {
    assertThatThrownBy(() -> drawing(4, 1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("preview_interval: -1 (expected: 0 or more steps)");
  }

  @Test
  void stopsAtTheNextStepAndDecodesNothing() {
    heard.cancelAt = 3;
    assertThatThrownBy(() -> draw(drawing(200, 1, 1)))
        .isInstanceOf(JobStoppedException.class)
        .hasMessage("stopped after step 3 of 200");
    assertThat(heard.steps).containsExactly(1, 2, 3);
    assertThat(heard.previewSteps).containsExactly(1, 2);
    assertThat(heard.stages).containsOnly(JobProgress.Stage.DENOISING);
  }

  @Test
  void decodesNoMoreWhenStoppedWhileDecoding() {
    heard.cancelAt = 2;
    heard.cancelIn = JobProgress.Stage.DECODING;
    assertThatThrownBy(() -> draw(drawing(2, 2, 0))).isInstanceOf(JobStoppedException.class);
    assertThat(heard.stages).contains(JobProgress.Stage.DECODING);
  }

  @Test
  void countsTheMemoryOfPreviewsBeforeItBegins() {
    try (FluxPictureMaker small = load(1 << 10)) {
      assertThatThrownBy(
              () -> small.draw(drawing(1, 1, 1), DrawingInputs.of(embeds(), null), heard))
          .isInstanceOf(JobFailedException.class)
          .hasMessageContaining("bytes of activations (expected: at most 1024 bytes here)");
    }
    assertThat(heard.steps).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"JPEG, image/jpeg", "WEBP, image/webp", "LATENTS, application/vnd.safetensors"})
  void writesTheFormatThatIsAskedFor(DrawingOptions.OutputFormat format, String mediaType) {
    EncodedPicture file =
        draw(with(new DrawingOptions.Output(format, null, null))).pictures().getFirst();

    assertThat(file.mediaType()).isEqualTo(mediaType);
    assertThat(file.width()).isEqualTo(64);
    if (format == DrawingOptions.OutputFormat.LATENTS) {
      assertThat(new String(file.file(), 8, 400, ISO_8859_1))
          .contains("\"packed_latents\"", "\"latents\"");
    } else {
      assertThat(PictureDecoder.decode("file", file.file(), DecodeLimits.DEFAULT).height())
          .isEqualTo(96);
    }
  }

  @Test
  void refusesEmbeddingsThatAreNoNumbers() {
    HostTensor embeds = embeds();
    embeds.set(5, Float.NaN);

    assertThatThrownBy(() -> maker.draw(drawing(1, 1, 0), DrawingInputs.of(embeds, null), heard))
        .isInstanceOfSatisfying(
            JobFailedException.class,
            e -> {
              assertThat(e.fault()).isEqualTo(JobFailedException.Fault.REQUEST);
              assertThat(e.reason()).isEqualTo("INVALID_REQUEST");
            })
        .hasMessage("prompt embeds: [0, 0, 5] is NaN (expected: a number)");
  }

  @Test
  void refusesAPictureThatIsNone() {
    DrawingInputs inputs =
        DrawingInputs.of(embeds(), null).withImages(List.of(new byte[] {1, 2, 3}));

    assertThatThrownBy(() -> maker.draw(drawing(1, 1, 0), inputs, heard))
        .isInstanceOfSatisfying(
            JobFailedException.class, e -> assertThat(e.reason()).isEqualTo("MALFORMED_IMAGE"))
        .hasMessageContaining("images[0]")
        .hasMessageContaining("(expected: a PNG, JPEG or WebP file)");
  }

  @Test
  void refusesAMaskOfAnotherSizeThanItsImage() {
    DrawingInputs inputs =
        new DrawingInputs(
            new DrawingInputs.Text(embeds(), null),
            null,
            List.of(png(64, 80)),
            png(80, 64),
            png(64, 80),
            null);

    assertThatThrownBy(() -> maker.draw(drawing(1, 1, 0), inputs, heard))
        .isInstanceOfSatisfying(
            JobFailedException.class, e -> assertThat(e.reason()).isEqualTo("INVALID_REQUEST"))
        .hasMessage("mask_image: 80 x 64 (expected: 64 x 80, the size of image)");
  }

  private static byte[] png(int width, int height) {
    RgbImage black = new RgbImage(width, height, new byte[RgbImage.CHANNELS * width * height]);
    return PictureEncoder.encode(black, Map.of(), ImageFormat.PNG);
  }

  @Test
  void drawsInTilesWhatIsTooLargeForItsLimit() {
    Drawing large = new Drawing("unread", 320, 288, 1, 4, 7, 1, false, 0, DrawingOptions.NONE);
    byte[] whole = draw(large).pictures().getFirst().file();
    try (FluxPictureMaker small = load(30 << 20)) {
      byte[] tiled =
          small.draw(large, DrawingInputs.of(embeds(), null), heard).pictures().getFirst().file();
      assertThat(tiled).isNotEqualTo(whole);
    }
  }

  @Test
  void tellsWhatTheModelCanDo() {
    DrawingModel.Abilities abilities = maker.model().abilities();

    assertThat(abilities.pipelines().getFirst()).startsWith("Flux2");
    assertThat(abilities.maxReferences()).isEqualTo(10);
    assertThat(abilities.activationBytes()).isEqualTo(PLENTY);
  }

  @Test
  void plansExactlyWhatDrawingTakes() {
    Drawing guided = drawing(1, 2, 1);
    DrawingInputs inputs = DrawingInputs.of(embeds(), null).withImages(List.of(png(80, 96)));
    long bytes = maker.plan(guided, shapes(new Size(80, 96))).bytes();

    try (FluxPictureMaker exact = load(bytes);
        FluxPictureMaker tooSmall = load(bytes - 1)) {
      assertThat(exact.plan(guided, shapes(new Size(80, 96))))
          .isEqualTo(new PictureMaker.Need(bytes, bytes));
      assertThat(exact.draw(guided, inputs, heard).pictures()).hasSize(2);
      assertThatThrownBy(() -> tooSmall.draw(guided, inputs, heard))
          .hasMessageContaining(bytes + " bytes of activations");
    }
  }

  @Test
  void plansPicturesOfAnySizeAsTheyWillBeScaledDown() {
    long large = maker.plan(drawing(1, 1, 0), shapes(new Size(8192, 8192))).bytes();

    assertThat(large)
        .isEqualTo(maker.plan(drawing(1, 1, 0), shapes(new Size(1024, 1024))).bytes())
        .isGreaterThan(maker.plan(drawing(1, 1, 0), shapes(new Size(64, 64))).bytes());
  }

  @ParameterizedTest
  @CsvSource({
    "63, 64,     images[0]: 63 x 64 (expected: at least 64 pixels each way)",
    "8001, 1000, images[0]: 8001 x 1000 (expected: sides of at most 8 to 1)"
  })
  void plansNoPictureThatNoModelTakes(int width, int height, String message) {
    assertThatThrownBy(() -> maker.plan(drawing(1, 1, 0), shapes(new Size(width, height))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void plansNoMaskOfAnotherSizeThanItsImage() {
    DrawingInputs.Shapes masked =
        new DrawingInputs.Shapes(
            TOKENS, 0, List.of(new Size(4096, 4096)), new Size(4096, 4095), null);
    assertThatThrownBy(() -> maker.plan(drawing(1, 1, 0), masked))
        .hasMessage("mask_image: 4096 x 4095 (expected: 4096 x 4096, the size of image)");
  }

  private static DrawingInputs.Shapes shapes(Size... images) {
    return new DrawingInputs.Shapes(TOKENS, 0, List.of(images), null, null);
  }

  @Test
  void tellsAllThatWasAskedForInTheMetadata() {
    Drawing drawing =
        new Drawing(
            "p",
            64,
            96,
            1,
            4,
            7,
            2,
            false,
            0,
            new DrawingOptions(
                "",
                new DrawingOptions.Words("n", 2f, null, null, "q"),
                new DrawingOptions.Start(null, null, true),
                new DrawingOptions.Noise(
                    List.of(3L, 4L), DrawingOptions.Generator.CPU, List.of(1f)),
                new DrawingOptions.Output(DrawingOptions.OutputFormat.PNG, null, null),
                Map.of("images", "abc")));

    assertThat(PictureMetadata.of(drawing, "Flux2Pipeline", 1, "m"))
        .containsEntry("seed", "4")
        .containsEntry("negative_prompt", "n")
        .containsEntry("true_cfg_scale", "2.0")
        .containsEntry("upsampled_prompt", "q")
        .containsEntry("sigmas", "[1.0]")
        .containsEntry("pipeline", "Flux2Pipeline")
        .containsEntry("mask_by_opacity", "true")
        .containsEntry("images", "abc")
        .doesNotContainKeys("prompt_2", "strength", "rand_device");
  }

  private static Drawing with(DrawingOptions.Output output) {
    DrawingOptions none = DrawingOptions.NONE;
    return new Drawing(
        "unread",
        64,
        96,
        1,
        4,
        7,
        1,
        false,
        0,
        new DrawingOptions(
            none.pipeline(), none.words(), none.start(), none.noise(), output, none.inputs()));
  }

  private Pictures draw(Drawing drawing) {
    return maker.draw(drawing, DrawingInputs.of(embeds(), null), heard);
  }

  private HostTensor embeds() {
    return new TorchGenerator(1).randn(Shape.of(TOKENS, maker.model().textWidth()), DType.BF16);
  }

  private static Drawing drawing(int steps, int images, int previewInterval) {
    return new Drawing(
        "unread", 64, 96, steps, 4, 7, images, true, previewInterval, DrawingOptions.NONE);
  }

  /** Notes what it hears, and stops where a test wants it. */
  private static final class Heard implements JobProgress {
    final List<Integer> steps = new ArrayList<>();
    final List<Stage> stages = new ArrayList<>();
    final List<Integer> previewSteps = new ArrayList<>();
    final List<EncodedPicture> previews = new ArrayList<>();
    int cancelAt = Integer.MAX_VALUE;
    Stage cancelIn = Stage.DENOISING;
    private boolean cancelled;

    @Override
    public void report(Stage stage, int step, int totalSteps) {
      steps.add(step);
      stages.add(stage);
      cancelled |= step == cancelAt && stage == cancelIn;
    }

    @Override
    public void show(EncodedPicture preview, int step) {
      previewSteps.add(step);
      previews.add(preview);
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}
