package dev.fluxgate.encoder.batch;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.token.TokenIds;
import java.util.List;

/** What the device does: some sequences of equal length → their embeds, in that order. */
@FunctionalInterface
public interface BatchEncoder {

  /** Called on the device thread alone. */
  List<PromptEmbeds> encode(List<TokenIds> batch, OutputLayers layers);
}
