package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.engine.backend.StageProbe;
import java.util.List;

/**
 * The way of a prompt: tokens → hidden states → prompt embeds. The first stage may run on any
 * thread, the others on the one that owns the device. One page a family.
 */
public sealed interface EncodePipeline permits Flux1EncodePipeline, Flux2EncodePipeline {

  /**
   * Prompt → ids, padded and truncated.
   *
   * @param second what a family with two encoders gives the one of the sequence; often the same
   * @param maxSequenceLength L, ids of the sequence
   */
  PromptTokens tokenize(Prompt prompt, Prompt second, int maxSequenceLength);

  /** As above, with one prompt for all encoders. */
  default PromptTokens tokenize(Prompt prompt, int maxSequenceLength) {
    return tokenize(prompt, prompt, maxSequenceLength);
  }

  /**
   * B prompts of equal length → their embeds, in that order, watched.
   *
   * @throws dev.fluxgate.encoder.embed.NonFiniteEmbedsException for values that no transformer can
   *     use
   */
  List<PromptEmbeds> encode(List<PromptTokens> prompts, OutputLayers layers, StageProbe probe);

  /** As above, unwatched. */
  default List<PromptEmbeds> encode(List<PromptTokens> prompts, OutputLayers layers) {
    return encode(prompts, layers, StageProbe.NONE);
  }
}
