package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/** A text encoder: the decoder of a language model, of which the hidden states are used. */
public sealed interface TextEncoder extends AutoCloseable
    permits Mistral3TextEncoder, Qwen3TextEncoder {

  /**
   * Loads the encoder of a component folder, whichever its {@code config.json} names. Layers are
   * prepared when first used.
   *
   * @param folder with config.json and one safetensors file or shards
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if it is none of ours, or broken
   */
  static TextEncoder load(Path folder, Backend backend, DType computeType) {
    ConfigJson config = ConfigJson.read(folder.resolve("config.json"));
    return switch (config.string("model_type")) {
      case "mistral3" -> Mistral3TextEncoder.load(folder, config, backend, computeType);
      case "qwen3" -> Qwen3TextEncoder.load(folder, config, backend, computeType);
      default -> throw config.invalid("model_type", "\"mistral3\" or \"qwen3\"");
    };
  }

  /** The decoder. */
  DecoderStack stack();

  /** Frees the decoder. Closing twice is harmless. */
  @Override
  default void close() {
    stack().close();
  }
}
