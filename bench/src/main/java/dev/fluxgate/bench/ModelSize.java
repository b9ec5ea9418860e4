package dev.fluxgate.bench;

/** Dimensions of a model and of the picture it makes. */
public enum ModelSize {
  /** The toy, 128 × 128: 64 picture tokens and 64 of text, VAE half way up. */
  TOY(128, 256, 4, 32, 64),
  /** klein-4B, 256 × 256: 256 picture tokens and 512 of text, the deepest level of the VAE. */
  KLEIN_4B(768, 3072, 24, 32, 512);

  /** Tokens of the joint sequence. */
  final int tokens;

  /** Features of a token. */
  final int width;

  /** Attention heads. */
  final int heads;

  /** Height and width of a feature map of the VAE. */
  final int pixels;

  /** Channels of that map. */
  final int channels;

  ModelSize(int tokens, int width, int heads, int pixels, int channels) {
    this.tokens = tokens;
    this.width = width;
    this.heads = heads;
    this.pixels = pixels;
    this.channels = channels;
  }

  int headDim() {
    return width / heads;
  }
}
