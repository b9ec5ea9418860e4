package dev.fluxgate.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.ImageFormat;
import dev.fluxgate.v1.OutputType;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.RandDevice;
import dev.fluxgate.v1.UpsamplingSource;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class DrawingOptionsTest {

  @Test
  void leavesToTheModelWhatIsNotGiven() {
    assertThat(parse().parameters("a cat", null))
        .isEqualTo(GenerationParameters.newBuilder().setPrompt("a cat").setNumImages(1).build());
  }

  @Test
  void handsOnWhatIsGiven() {
    DrawingOptions options =
        parse(
            "--width=64",
            "--height=32",
            "--round-size",
            "--steps=3",
            "--guidance=0",
            "--seed=0",
            "--num-images=2",
            "--max-sequence-length=16",
            "--text-encoder-out-layers=1,2,3",
            "--no-metadata");

    assertThat(options.parameters("a cat", null))
        .isEqualTo(
            GenerationParameters.newBuilder()
                .setPrompt("a cat")
                .setWidth(64)
                .setHeight(32)
                .setRoundSize(true)
                .setNumInferenceSteps(3)
                .setGuidanceScale(0)
                .setSeed(0)
                .setNumImages(2)
                .setMaxSequenceLength(16)
                .addTextEncoderOutLayers(1)
                .addTextEncoderOutLayers(2)
                .addTextEncoderOutLayers(3)
                .setOmitMetadata(true)
                .build());
    assertThat(options.numImages()).isEqualTo(2);
  }

  @Test
  void namesOptionsInPlaceOfFields() {
    assertThat(
            named(
                "num_inference_steps: 0 (expected: 1..9; nearest: 1); guidance_scale: -1 (expected:"
                    + " 0); max_sequence_length: 0 (expected: 1); prompt: 9 bytes (expected: 8);"
                    + " upsampling: by chat (expected: none); images: 11 (expected: 10)"))
        .isEqualTo(
            "--steps: 0 (expected: 1..9; nearest: 1); --guidance: -1 (expected: 0);"
                + " --max-sequence-length: 0 (expected: 1); PROMPT: 9 bytes (expected: 8);"
                + " --upsample: by chat (expected: none); --image: 11 (expected: 10)");
  }

  @Test
  void namesTheFilesOfInputs() {
    String[] files = {"--image=a.png,b$1.png", "--mask=m.png", "--latents=l.safetensors"};

    assertThat(
            named(
                "images[1]: cut short (expected: whole); mask_image: grey (expected: black);"
                    + " latents: [3] (expected: [4]); images[2]: none (expected: one);"
                    + " image_reference: none (expected: one)",
                files))
        .isEqualTo(
            "--image: b$1.png: cut short (expected: whole); --mask: m.png: grey (expected: black);"
                + " --latents: l.safetensors: [3] (expected: [4]); --image: none (expected: one);"
                + " --image-reference: none (expected: one)");
  }

  @Test
  void leavesOtherMessagesAlone() {
    assertThat(named("the queue is full: 3 jobs; try later"))
        .isEqualTo("the queue is full: 3 jobs; try later");
  }

  @Test
  void handsOnHowPicturesAreMade() {
    DrawingOptions options =
        parse(
            "--sigmas=0.9,0.5",
            "--seeds=1,-2",
            "--num-images=2",
            "--rand-device=cuda",
            "--pipeline=FluxPipeline",
            "--tile-size=64",
            "--tile-overlap=0.5");

    assertThat(options.parameters("a cat", null))
        .isEqualTo(
            GenerationParameters.newBuilder()
                .setPrompt("a cat")
                .addSigmas(0.9f)
                .addSigmas(0.5f)
                .addSeeds(1)
                .addSeeds(-2)
                .setNumImages(2)
                .setRandDevice(RandDevice.RAND_DEVICE_CUDA)
                .setPipeline("FluxPipeline")
                .setTileSize(64)
                .setTileOverlap(0.5f)
                .build());
  }

  @Test
  void handsOnWhatIsSaidBesideThePrompt() {
    DrawingOptions options =
        parse(
            "--negative-prompt=dogs",
            "--true-cfg-scale=2",
            "--prompt-2=a tabby",
            "--negative-prompt-2=",
            "--upsample=chat",
            "--upsample-temperature=0",
            "--upsample-seed=5");

    assertThat(options.parameters("a cat", null))
        .isEqualTo(
            GenerationParameters.newBuilder()
                .setPrompt("a cat")
                .setNumImages(1)
                .setNegativePrompt("dogs")
                .setTrueCfgScale(2)
                .setPrompt2("a tabby")
                .setNegativePrompt2("")
                .setUpsampling(
                    PromptUpsampling.newBuilder()
                        .setSource(UpsamplingSource.UPSAMPLING_SOURCE_CHAT)
                        .setTemperature(0)
                        .setSeed(5))
                .build());
    assertThat(parse("--upsample=encoder").parameters("a", null).getUpsampling())
        .isEqualTo(
            PromptUpsampling.newBuilder()
                .setSource(UpsamplingSource.UPSAMPLING_SOURCE_ENCODER)
                .build());
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "none,   none,     UNSPECIFIED, .png",
        "a.png,  none,     UNSPECIFIED, .png",
        "a.JPG,  none,     JPEG,        .JPG",
        "a.jpeg, jpeg,     JPEG,        .jpeg",
        "a.webp, none,     WEBP,        .webp",
        "none,   webp,     WEBP,        .webp"
      })
  void takesTheFormatFromOptionOrName(Path out, String format, String asked, String extension) {
    DrawingOptions options = format == null ? parse() : parse("--format=" + format);

    assertThat(options.parameters("a cat", out).getFormat())
        .isEqualTo(ImageFormat.valueOf("IMAGE_FORMAT_" + asked));
    assertThat(options.names(out, "a cat").file(0).toString()).endsWith(extension);
  }

  @Test
  void refusesANameThatEndsOtherwise() {
    assertThatThrownBy(() -> parse("--format=png").names(Path.of("a.webp"), "a"))
        .hasMessage("--out: a.webp with --format png (expected: a name ending in .png)");
    assertThatThrownBy(() -> parse().names(Path.of("a.gif"), "a"))
        .hasMessage("--out: a.gif (expected: a folder, or a name ending in .png, .jpg or .webp)");
    assertThatThrownBy(() -> parse("--output-type=latents").names(Path.of("a.png"), "a"))
        .hasMessage("--out: a.png (expected: a name ending in .safetensors)");
  }

  @Test
  void asksForLatents() {
    DrawingOptions options = parse("--output-type=latents", "--format=jpeg");

    assertThat(options.parameters("a", null).getOutputType())
        .isEqualTo(OutputType.OUTPUT_TYPE_LATENTS);
    assertThat(options.names(null, "a").file(0)).hasToString("a.safetensors");
  }

  private static String named(String refusal, String... arguments) {
    return DrawingOptions.namingOptions(refusal, parse(arguments).inputs());
  }

  private static DrawingOptions parse(String... arguments) {
    Holder holder = new Holder();
    new CommandLine(holder).parseArgs(arguments);
    return holder.options;
  }

  @Command
  private static final class Holder {
    @Mixin private DrawingOptions options = new DrawingOptions();
  }
}
