package dev.fluxgate.encoder.token;

/** Where padding goes when a sequence is shorter than asked for. */
public enum PaddingSide {
  /** Padding first: Mistral. */
  LEFT,
  /** Padding last: Qwen. */
  RIGHT
}
