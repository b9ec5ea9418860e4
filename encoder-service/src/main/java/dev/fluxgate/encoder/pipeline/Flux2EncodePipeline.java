package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbedder;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.model.DecoderActivations;
import dev.fluxgate.encoder.model.DecoderStack;
import dev.fluxgate.encoder.prompt.ChatTemplate;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.Shape;
import java.util.List;
import java.util.Locale;

/**
 * The way of a prompt in FLUX.2: template → tokens → hidden states of the chosen layers, side by
 * side.
 *
 * @param template frame of the family
 * @param tokenizer of the model folder
 * @param decoder of the text encoder
 * @param backend where it computes
 */
public record Flux2EncodePipeline(
    ChatTemplate template, PromptTokenizer tokenizer, DecoderStack decoder, Backend backend)
    implements EncodePipeline {

  /** Prompt → L ids, framed, padded and truncated; there is one encoder, for the first prompt. */
  @Override
  public PromptTokens tokenize(Prompt prompt, Prompt second, int maxSequenceLength) {
    return PromptTokens.of(
        tokenizer.encode(template.render(prompt), template.addsSpecialTokens(), maxSequenceLength));
  }

  /**
   * {@inheritDoc}
   *
   * @param probe sees {@code hidden_states.NN}, (B·L, D), up to the deepest of {@code layers}
   */
  @Override
  public List<PromptEmbeds> encode(
      List<PromptTokens> prompts, OutputLayers layers, StageProbe probe) {
    List<TokenIds> batch = prompts.stream().map(PromptTokens::sequence).toList();
    long bytes = WorkspacePlan.bytes(plan -> layOut(plan, batch, layers));
    try (Workspace workspace = backend.workspace(bytes)) {
      Activations activations = layOut(workspace, batch, layers);
      decoder.forward(
          batch,
          layers.last(),
          activations.decoder,
          (index, hiddenStates) -> {
            probe.observe(String.format(Locale.ROOT, "hidden_states.%02d", index), hiddenStates);
            activations.embedder.accept(index, hiddenStates);
          });
      return activations.embedder.download(batch);
    }
  }

  private Activations layOut(Workspace workspace, List<TokenIds> batch, OutputLayers layers) {
    int length = batch.getFirst().length();
    DecoderActivations activations = decoder.layOut(workspace, batch.size(), length);
    Shape hiddenStates = activations.hidden().shape();
    return new Activations(
        activations,
        PromptEmbedder.layOut(workspace, backend, layers, decoder.computeType(), hiddenStates));
  }

  private record Activations(DecoderActivations decoder, PromptEmbedder embedder) {}
}
