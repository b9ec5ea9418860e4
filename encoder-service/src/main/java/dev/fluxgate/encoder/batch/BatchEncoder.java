package dev.fluxgate.encoder.batch;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.token.PromptTokens;
import java.util.List;

/** What the device does: some prompts of equal length → their embeds, in that order. */
@FunctionalInterface
public interface BatchEncoder {

  /** Called on the device thread alone. */
  List<PromptEmbeds> encode(List<PromptTokens> batch, OutputLayers layers);
}
