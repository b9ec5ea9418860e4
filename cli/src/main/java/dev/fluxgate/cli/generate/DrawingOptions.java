package dev.fluxgate.cli.generate;

import dev.fluxgate.gateway.generate.GenerationLimits;
import dev.fluxgate.v1.GenerationParameters;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How to draw; what is not given is left to the model's family. */
public final class DrawingOptions {
  /** A field at the head of a message, or of one of several. */
  private static final Pattern FIELD = Pattern.compile("(?:^|(?<=\\); ))([a-z_]+)(?=: )");

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
      names = "--no-metadata",
      description = "Leave prompt, seed and model out of the PNG file.")
  private boolean noMetadata;

  /** Pictures asked for. */
  public int numImages() {
    if (numImages < 1 || numImages > GenerationLimits.MAX_IMAGES) {
      throw new ParameterException(
          spec.commandLine(),
          "--num-images: " + numImages + " (expected: 1.." + GenerationLimits.MAX_IMAGES + ")");
    }
    return numImages;
  }

  /** A refusal that names fields of the request, with the options that set them in their place. */
  static String namingOptions(String refusal) {
    return FIELD.matcher(refusal).replaceAll(found -> option(found.group(1)));
  }

  private static String option(String field) {
    return switch (field) {
      case "prompt" -> field.toUpperCase(Locale.ROOT);
      case "num_inference_steps" -> "--steps";
      case "guidance_scale" -> "--guidance";
      default -> "--" + field.replace('_', '-');
    };
  }

  /** The request, with what was given and no more. */
  public GenerationParameters parameters(String prompt) {
    GenerationParameters.Builder request =
        GenerationParameters.newBuilder()
            .setPrompt(prompt)
            .setNumImages(numImages)
            .addAllTextEncoderOutLayers(outLayers)
            .setRoundSize(roundSize)
            .setOmitMetadata(noMetadata);
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
