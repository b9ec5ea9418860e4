package dev.fluxgate.denoiser.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import dev.fluxgate.denoiser.job.EmbeddingRef;
import dev.fluxgate.denoiser.job.InputRef;
import dev.fluxgate.denoiser.job.InputRefs;
import dev.fluxgate.denoiser.picture.Drawing;
import dev.fluxgate.denoiser.picture.DrawingInputs;
import dev.fluxgate.denoiser.picture.DrawingOptions;
import dev.fluxgate.image.prepare.ReferencePicture.Size;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.InputImage;
import dev.fluxgate.v1.InputTensor;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PixelSize;
import dev.fluxgate.v1.Plan;
import dev.fluxgate.v1.RandDevice;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DrawingCodecTest {
  @Test
  void takesEveryFieldOfALease() {
    GenerationParameters parameters =
        GenerationParameters.newBuilder()
            .setPrompt("p")
            .setWidth(48)
            .setHeight(32)
            .setNumInferenceSteps(5)
            .setGuidanceScale(2.5f)
            .setSeed(-7)
            .setNumImages(3)
            .setOmitMetadata(true)
            .setPreviewInterval(2)
            .setPipeline("FluxInpaintPipeline")
            .setNegativePrompt("")
            .setTrueCfgScale(3)
            .setPrompt2("two")
            .setNegativePrompt2("no two")
            .setStrength(0.5f)
            .setPaddingMaskCrop(0)
            .setMaskByOpacity(true)
            .addAllSeeds(List.of(1L, 2L, 3L))
            .setRandDevice(RandDevice.RAND_DEVICE_CUDA)
            .addAllSigmas(List.of(1f, 0.5f))
            .setFormat(ImageFormat.IMAGE_FORMAT_WEBP)
            .setTileSize(64)
            .setTileOverlap(0.25f)
            .build();

    assertThat(DrawingCodec.drawing(parameters, "richer"))
        .isEqualTo(
            new Drawing(
                "p",
                48,
                32,
                5,
                2.5f,
                -7,
                3,
                true,
                2,
                new DrawingOptions(
                    "FluxInpaintPipeline",
                    new DrawingOptions.Words("", 3f, "two", "no two", "richer"),
                    new DrawingOptions.Start(0.5f, 0, true),
                    new DrawingOptions.Noise(
                        List.of(1L, 2L, 3L), DrawingOptions.Generator.CUDA, List.of(1f, 0.5f)),
                    new DrawingOptions.Output(DrawingOptions.OutputFormat.WEBP, 64, 0.25f),
                    Map.of())));
  }

  @Test
  void tellsSilenceFromZero() {
    Drawing silent = DrawingCodec.drawing(GenerationParameters.getDefaultInstance(), "");

    assertThat(silent.options()).isEqualTo(DrawingOptions.NONE);
    assertThat(silent.numImages()).isOne();
    assertThat(DrawingCodec.inputs(GenerationParameters.getDefaultInstance()))
        .isEqualTo(InputRefs.NONE);
  }

  @Test
  void takesEveryInputByItsHash() {
    GenerationParameters parameters =
        GenerationParameters.newBuilder()
            .addImages(image(1))
            .addImages(image(2))
            .setMaskImage(image(3))
            .setImageReference(image(4))
            .setLatents(tensor(5))
            .setPromptEmbeds(tensor(6))
            .setNegativePromptEmbeds(tensor(7))
            .build();

    assertThat(DrawingCodec.inputs(parameters))
        .isEqualTo(
            new InputRefs(
                List.of(new InputRef(hex(1)), new InputRef(hex(2))),
                new InputRef(hex(3)),
                new InputRef(hex(4)),
                new EmbeddingRef(hex(5), 0)));
    assertThat(DrawingCodec.drawing(parameters, "").options().inputs())
        .containsExactly(
            Map.entry("images", hex(1) + "," + hex(2)),
            Map.entry("mask_image", hex(3)),
            Map.entry("image_reference", hex(4)),
            Map.entry("latents", hex(5)),
            Map.entry("prompt_embeds", hex(6)),
            Map.entry("negative_prompt_embeds", hex(7)));
  }

  @ParameterizedTest
  @EnumSource(value = ImageFormat.class, names = "UNRECOGNIZED", mode = EnumSource.Mode.EXCLUDE)
  void drawsLatentsWhateverTheFormat(ImageFormat format) {
    GenerationParameters.Builder parameters = GenerationParameters.newBuilder().setFormat(format);

    String picture = DrawingCodec.drawing(parameters.build(), "").options().output().format() + "";
    assertThat(picture)
        .isEqualTo(
            format == ImageFormat.IMAGE_FORMAT_UNSPECIFIED
                ? "PNG"
                : format.name().replace("IMAGE_FORMAT_", ""));
    parameters.setOutputType(OutputType.OUTPUT_TYPE_LATENTS);
    assertThat(DrawingCodec.drawing(parameters.build(), "").options().output().format())
        .isEqualTo(DrawingOptions.OutputFormat.LATENTS);
  }

  @Test
  void refusesChoicesOfANewerGateway() {
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingCodec.drawing(
                GenerationParameters.newBuilder().setRandDeviceValue(9).build(), ""))
        .withMessage("rand_device: another one (expected: CPU or CUDA)");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            DrawingCodec.drawing(GenerationParameters.newBuilder().setFormatValue(9).build(), ""))
        .withMessage("format: another one (expected: PNG, JPEG or WEBP)");
  }

  @Test
  void takesEverySizeOfAQuestion() {
    Plan plan =
        Plan.newBuilder()
            .setPromptTokens(5)
            .setNegativePromptTokens(6)
            .addImages(pixels(1, 2))
            .addImages(pixels(3, 4))
            .setMaskImage(pixels(5, 6))
            .setImageReference(pixels(7, 8))
            .build();

    assertThat(DrawingCodec.shapes(plan))
        .isEqualTo(
            new DrawingInputs.Shapes(
                5, 6, List.of(new Size(1, 2), new Size(3, 4)), new Size(5, 6), new Size(7, 8)));
    assertThat(DrawingCodec.shapes(Plan.getDefaultInstance()))
        .isEqualTo(new DrawingInputs.Shapes(0, 0, List.of(), null, null));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "5, 0", "-1, 5", "5, -2147483648"})
  void refusesSizesThatNoPictureHas(int width, int height) {
    String message = "size: %d x %d (expected: at least 1 x 1)".formatted(width, height);
    for (Plan.Builder plan :
        List.of(
            Plan.newBuilder().addImages(pixels(1, 1)).addImages(pixels(width, height)),
            Plan.newBuilder().setMaskImage(pixels(width, height)),
            Plan.newBuilder().setImageReference(pixels(width, height)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DrawingCodec.shapes(plan.build()))
          .withMessage(message);
    }
  }

  private static PixelSize pixels(int width, int height) {
    return PixelSize.newBuilder().setWidth(width).setHeight(height).build();
  }

  private static InputImage image(int number) {
    return InputImage.newBuilder().setSha256(hash(number)).build();
  }

  private static InputTensor tensor(int number) {
    return InputTensor.newBuilder().setSha256(hash(number)).build();
  }

  private static ByteString hash(int number) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex(number)));
  }

  private static String hex(int number) {
    return ("a" + number).repeat(32);
  }
}
