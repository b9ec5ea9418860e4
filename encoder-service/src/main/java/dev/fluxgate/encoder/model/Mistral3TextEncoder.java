package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import java.nio.file.Path;

/**
 * The text path of {@code Mistral3ForConditionalGeneration}, the encoder of FLUX.2 dev (models spec
 * §5.1). Its vision tower is not loaded.
 *
 * @param stack the decoder
 */
public record Mistral3TextEncoder(DecoderStack stack) implements TextEncoder {

  static Mistral3TextEncoder load(
      Path folder, ConfigJson config, Backend backend, DType computeType) {
    TextEncoderParams params = TextEncoderParams.read(config.object("text_config"));
    return new Mistral3TextEncoder(
        DecoderStack.load(folder, params, TextEncoderWeights.Keys::mistral3, backend, computeType));
  }
}
