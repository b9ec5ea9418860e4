package dev.fluxgate.cli.bench.checkpoint;

import dev.fluxgate.denoiser.transformer.Flux2Params;
import java.util.List;
import java.util.Locale;

/** FLUX.2-klein models that can be made up, as large as the released ones. */
public enum KleinSize {
  /** FLUX.2-klein-4B with Qwen3-4B. */
  KLEIN_4B,
  /** FLUX.2-klein-9B with Qwen3-8B. */
  KLEIN_9B,
  /** None that was released: to see that a comparison runs. */
  TINY;

  private static final int CHANNELS = 128;
  private static final int TIMESTEP_CHANNELS = 256;
  private static final int MLP_RATIO = 3;

  private static Flux2Params transformer(
      int doubleBlocks, int singleBlocks, int heads, int promptWidth, int headDim) {
    return new Flux2Params(
        CHANNELS,
        CHANNELS,
        doubleBlocks,
        singleBlocks,
        heads,
        headDim,
        promptWidth,
        TIMESTEP_CHANNELS,
        MLP_RATIO * heads * headDim,
        List.of(headDim / 4, headDim / 4, headDim / 4, headDim / 4),
        2000,
        1e-6f,
        false);
  }

  /** Name as on the command line: {@code klein-4b}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Flux2Params transformer() {
    return switch (this) {
      case KLEIN_4B -> transformer(5, 20, 24, 3 * 2560, 128);
      case KLEIN_9B -> transformer(8, 24, 32, 3 * 4096, 128);
      case TINY -> transformer(1, 2, 2, 3 * 64, 32);
    };
  }

  Qwen3Plan.Size textEncoder() {
    return switch (this) {
      case KLEIN_4B -> new Qwen3Plan.Size(2560, 9728, 36, 32, 8, 128, 151_936, true);
      case KLEIN_9B -> new Qwen3Plan.Size(4096, 12_288, 36, 32, 8, 128, 151_936, false);
      case TINY -> new Qwen3Plan.Size(64, 96, 28, 4, 2, 16, 640, true);
    };
  }

  VaePlan.Size vae() {
    return switch (this) {
      case KLEIN_4B, KLEIN_9B -> new VaePlan.Size(32, List.of(128, 256, 512, 512), 32);
      case TINY -> new VaePlan.Size(32, List.of(16, 32, 32, 32), 8);
    };
  }
}
