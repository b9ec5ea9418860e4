package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/**
 * {@code Qwen3ForCausalLM}, the encoder of FLUX.2 klein (models spec §5.2): as Mistral3, with
 * queries and keys normalised by head.
 *
 * @param stack the decoder
 */
public record Qwen3TextEncoder(DecoderStack stack) implements TextEncoder {

  static Qwen3TextEncoder load(Path folder, ConfigJson config, Backend backend, DType computeType) {
    TextEncoderParams params = TextEncoderParams.read(config);
    return new Qwen3TextEncoder(
        DecoderStack.load(
            folder, params, _ -> TextEncoderWeights.Keys.qwen3(), backend, computeType));
  }
}
