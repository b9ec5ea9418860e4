package dev.fluxgate.cli.generate;

import dev.fluxgate.cli.picture.PictureNames;
import dev.fluxgate.gateway.generate.GenerationLimits;
import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.RandDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How to draw; what is not given is left to the model's family. */
public final class DrawingOptions {
  /** A field at the head of a message, or of one of several; of a list perhaps one element. */
  private static final Pattern FIELD =
      Pattern.compile("(?:^|(?<=\\); ))([a-z_0-9]+)(?:\\[(\\d{1,2})])?(?=: )");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(names = "--width", paramLabel = "PIXELS", description = "Width. Default: the model's.")
  private @Nullable Integer width;

  @Option(names = "--height", paramLabel = "PIXELS", description = "Height. Default: the model's.")
  private @Nullable Integer height;

  @Option(
      names = "--round-size",
      description = "Floor a size that the model cannot make to one that it can.")
  private boolean roundSize;

  @Option(names = "--steps", paramLabel = "N", description = "Steps. Default: the model's.")
  private @Nullable Integer steps;

  @Option(
      names = "--guidance",
      paramLabel = "SCALE",
      description = "How closely to follow the prompt. Default: the model's.")
  private @Nullable Float guidance;

  @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise. Default: random.")
  private @Nullable Long seed;

  @Option(
      names = "--num-images",
      paramLabel = "N",
      defaultValue = "1",
      description = "Pictures: out-0.png, out-1.png. Default: ${DEFAULT-VALUE}.")
  private int numImages = 1;

  @Option(
      names = "--max-sequence-length",
      paramLabel = "TOKENS",
      description = "Length of the prompt embeds. Default: 512, or what the tokenizer allows.")
  private @Nullable Integer maxSequenceLength;

  @Option(
      names = "--text-encoder-out-layers",
      split = ",",
      paramLabel = "LAYER",
      description = "Hidden states of the text encoder to use. Default: at 1/4, 1/2, 3/4.")
  private List<Integer> outLayers = List.of();

  @Option(
      names = "--sigmas",
      split = ",",
      paramLabel = "SIGMA",
      description = "Noise levels of the steps, descending. Default: the model's schedule.")
  private List<Float> sigmas = List.of();

  @Option(
      names = "--seeds",
      split = ",",
      paramLabel = "N",
      description = "A seed for each picture, in place of --seed for all.")
  private List<Long> seeds = List.of();

  @Option(
      names = "--rand-device",
      // Labels are the names of the lists that bash completes from.
      paramLabel = "SOURCE",
      description =
          "Whose random numbers the noise is made of, those that torch draws on: cpu, cuda."
              + " Default: cpu.")
  private RandomSource randDevice = RandomSource.CPU;

  @Option(
      names = "--pipeline",
      paramLabel = "CLASS",
      description =
          "Pipeline by its class name in diffusers. Default: what the options bring decides.")
  private String pipeline = "";

  @Option(
      names = "--tile-size",
      paramLabel = "PIXELS",
      description = "Decode and encode in tiles of this side. Default: where memory demands it.")
  private @Nullable Integer tileSize;

  @Option(
      names = "--tile-overlap",
      paramLabel = "X",
      description = "Part of a tile that overlaps the next. Default: 0.25.")
  private @Nullable Float tileOverlap;

  @Mixin private GuidanceOptions guidanceOptions = new GuidanceOptions();
  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private OutputOptions output = new OutputOptions();

  @Option(names = "--no-metadata", description = "Leave prompt, seed and model out of the files.")
  private boolean noMetadata;

  /** Whose random numbers the noise is made of. */
  enum RandomSource {
    /** Those that torch draws on a CPU. */
    CPU,
    /** Those that torch draws on a GPU of NVIDIA's. */
    CUDA;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What the drawing is made from. */
  public InputOptions inputs() {
    return inputs;
  }

  /**
   * What the files of a drawing are called.
   *
   * @param out as given; null or a folder leaves the name to the prompt
   */
  public PictureNames names(@Nullable Path out, String prompt) {
    return PictureNames.of(out, output.extension(out), prompt, numImages());
  }

  /** Pictures asked for. */
  public int numImages() {
    if (numImages < 1 || numImages > GenerationLimits.MAX_IMAGES) {
      throw new ParameterException(
          spec.commandLine(),
          "--num-images: " + numImages + " (expected: 1.." + GenerationLimits.MAX_IMAGES + ")");
    }
    return numImages;
  }

  /**
   * A refusal that names fields of the request, with the options that set them in their place, and
   * the files that were given with them.
   */
  static String namingOptions(String refusal, InputOptions inputs) {
    return FIELD
        .matcher(refusal)
        .replaceAll(found -> {
          String index = found.group(2);
          Path file = inputs.file(found.group(1), index == null ? -1 : Integer.parseInt(index));
          return Matcher.quoteReplacement(
              option(found.group(1)) + (file == null ? "" : ": " + file));
        });
  }

  private static String option(String field) {
    return switch (field) {
      case "prompt" -> field.toUpperCase(Locale.ROOT);
      case "num_inference_steps" -> "--steps";
      case "guidance_scale" -> "--guidance";
      case "images", "pictures" -> "--image";
      case "upsampling" -> "--upsample";
      case "mask_image" -> "--mask";
      default -> "--" + field.replace('_', '-');
    };
  }

  /**
   * The request, with what was given and no more; the inputs are still to be uploaded.
   *
   * @param out tells the format of the files where no option does
   */
  public GenerationParameters parameters(String prompt, @Nullable Path out) {
    GenerationParameters.Builder request =
        GenerationParameters.newBuilder()
            .setPrompt(prompt)
            .setNumImages(numImages)
            .addAllTextEncoderOutLayers(outLayers)
            .addAllSigmas(sigmas)
            .addAllSeeds(seeds)
            .setPipeline(pipeline)
            .setRoundSize(roundSize)
            .setOmitMetadata(noMetadata);
    guidanceOptions.addTo(request);
    output.addTo(request, out);
    if (randDevice == RandomSource.CUDA) {
      request.setRandDevice(RandDevice.RAND_DEVICE_CUDA);
    }
    if (tileSize != null) {
      request.setTileSize(tileSize);
    }
    if (tileOverlap != null) {
      request.setTileOverlap(tileOverlap);
    }
    if (width != null) {
      request.setWidth(width);
    }
    if (height != null) {
      request.setHeight(height);
    }
    if (steps != null) {
      request.setNumInferenceSteps(steps);
    }
    if (guidance != null) {
      request.setGuidanceScale(guidance);
    }
    if (seed != null) {
      request.setSeed(seed);
    }
    if (maxSequenceLength != null) {
      request.setMaxSequenceLength(maxSequenceLength);
    }
    return request.build();
  }
}
