package dev.fluxgate.cli.bench;

import dev.fluxgate.denoiser.transformer.flux2.Flux2Params;
import java.util.List;
import java.util.Locale;

/** Sizes of released transformers; their weights are not needed to tell how fast they are. */
enum Geometry {
  /** FLUX.2-klein-4B. */
  KLEIN_4B(5, 20, 24, 7680, false),
  /** FLUX.2-klein-9B. */
  KLEIN_9B(8, 24, 32, 12288, false),
  /** FLUX.2-dev. */
  DEV(8, 48, 48, 15360, true),
  /** None that was released: small enough for an emulator. */
  TINY(1, 1, 2, 256, true);

  private static final int CHANNELS = 128;
  private static final int HEAD_DIM = 128;
  private static final int TIMESTEP_CHANNELS = 256;
  private static final int MLP_RATIO = 3;

  private final int doubleBlocks;
  private final int singleBlocks;
  private final int heads;
  private final int promptWidth;
  private final boolean guidance;

  Geometry(int doubleBlocks, int singleBlocks, int heads, int promptWidth, boolean guidance) {
    this.doubleBlocks = doubleBlocks;
    this.singleBlocks = singleBlocks;
    this.heads = heads;
    this.promptWidth = promptWidth;
    this.guidance = guidance;
  }

  /** Name as on the command line: {@code klein-4b}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Flux2Params params() {
    return new Flux2Params(
        CHANNELS,
        CHANNELS,
        doubleBlocks,
        singleBlocks,
        heads,
        HEAD_DIM,
        promptWidth,
        TIMESTEP_CHANNELS,
        MLP_RATIO * heads * HEAD_DIM,
        List.of(32, 32, 32, 32),
        2000,
        1e-6f,
        guidance);
  }

  /**
   * Floating-point operations of one forward over {@code tokens}, text and image together. Per
   * block a token meets 13·D² weights once, and attention multiplies every pair of tokens twice in
   * D features; the embeddings and the final layer are less than a hundredth.
   */
  double flops(int tokens) {
    double blocks = doubleBlocks + singleBlocks;
    double width = heads * HEAD_DIM;
    return blocks * (26.0 * tokens * width * width + 4.0 * tokens * tokens * width);
  }
}
