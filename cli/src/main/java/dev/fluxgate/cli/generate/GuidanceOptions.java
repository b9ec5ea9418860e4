package dev.fluxgate.cli.generate;

import dev.fluxgate.v1.GenerationParameters;
import dev.fluxgate.v1.PromptUpsampling;
import dev.fluxgate.v1.UpsamplingSource;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What else is said beside the prompt: what to steer away from, and whether to rewrite it. */
public final class GuidanceOptions {
  /** Who rewrites a prompt. */
  enum Upsampler {
    /** The text encoder's own language model. */
    ENCODER,
    /** The chat endpoint that the gateway was given. */
    CHAT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Option(
      names = "--negative-prompt",
      paramLabel = "TEXT",
      description =
          "What the picture shall not show; needs guidance above 1, see --true-cfg-scale.")
  private @Nullable String negativePrompt;

  @Option(
      names = "--true-cfg-scale",
      paramLabel = "SCALE",
      description =
          "How far to steer away from the negative prompt, for models whose --guidance is an input"
              + " of the transformer. Default: not at all.")
  private @Nullable Float trueCfgScale;

  @Option(
      names = "--prompt-2",
      paramLabel = "TEXT",
      description = "Prompt of the second text encoder, FLUX.1 only. Default: the prompt.")
  private @Nullable String prompt2;

  @Option(
      names = "--negative-prompt-2",
      paramLabel = "TEXT",
      description =
          "Negative prompt of the second text encoder, FLUX.1 only. Default: --negative-prompt.")
  private @Nullable String negativePrompt2;

  @Option(
      names = "--upsample",
      paramLabel = "BY",
      description =
          "Have the prompt rewritten first, by the encoder or by the chat endpoint of the gateway:"
              + " ${COMPLETION-CANDIDATES}.")
  private @Nullable Upsampler upsampler;

  @Option(
      names = "--upsample-temperature",
      paramLabel = "T",
      description = "Of the rewriting; 0 takes the likeliest words. Default: 0.15.")
  private @Nullable Float upsampleTemperature;

  @Option(
      names = "--upsample-seed",
      paramLabel = "N",
      description = "Of the rewriting. Default: --seed.")
  private @Nullable Long upsampleSeed;

  /** Sets what was given. */
  void addTo(GenerationParameters.Builder request) {
    if (negativePrompt != null) {
      request.setNegativePrompt(negativePrompt);
    }
    if (trueCfgScale != null) {
      request.setTrueCfgScale(trueCfgScale);
    }
    if (prompt2 != null) {
      request.setPrompt2(prompt2);
    }
    if (negativePrompt2 != null) {
      request.setNegativePrompt2(negativePrompt2);
    }
    if (upsampler != null) {
      request.setUpsampling(upsampling(upsampler));
    }
  }

  private PromptUpsampling upsampling(Upsampler by) {
    PromptUpsampling.Builder upsampling =
        PromptUpsampling.newBuilder()
            .setSource(
                by == Upsampler.CHAT
                    ? UpsamplingSource.UPSAMPLING_SOURCE_CHAT
                    : UpsamplingSource.UPSAMPLING_SOURCE_ENCODER);
    if (upsampleTemperature != null) {
      upsampling.setTemperature(upsampleTemperature);
    }
    if (upsampleSeed != null) {
      upsampling.setSeed(upsampleSeed);
    }
    return upsampling.build();
  }
}
