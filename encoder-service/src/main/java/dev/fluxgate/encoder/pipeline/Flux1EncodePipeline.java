package dev.fluxgate.encoder.pipeline;

import dev.fluxgate.encoder.embed.OutputLayers;
import dev.fluxgate.encoder.embed.PromptEmbeds;
import dev.fluxgate.encoder.model.clip.ClipActivations;
import dev.fluxgate.encoder.model.clip.ClipTextEncoder;
import dev.fluxgate.encoder.model.t5.T5Activations;
import dev.fluxgate.encoder.model.t5.T5TextEncoder;
import dev.fluxgate.encoder.prompt.Prompt;
import dev.fluxgate.encoder.token.PromptTokenizer;
import dev.fluxgate.encoder.token.PromptTokens;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The way of a prompt in FLUX.1 (models spec §6.6): CLIP makes one vector of the first prompt, T5 a
 * sequence of the second. Nothing frames them, and padding is not masked.
 *
 * @param clipTokenizer in front of CLIP
 * @param clip makes the vector
 * @param t5Tokenizer in front of T5
 * @param t5 makes the sequence
 * @param backend where both compute
 */
public record Flux1EncodePipeline(
    PromptTokenizer clipTokenizer,
    ClipTextEncoder clip,
    PromptTokenizer t5Tokenizer,
    T5TextEncoder t5,
    Backend backend)
    implements EncodePipeline {

  /** Ids that CLIP takes, whatever the length of the sequence: 77. */
  public int pooledLength() {
    return Math.min(clipTokenizer.modelMaxLength(), clip.params().maxPositions());
  }

  @Override
  public PromptTokens tokenize(Prompt prompt, Prompt second, int maxSequenceLength) {
    return new PromptTokens(
        t5Tokenizer.encode(second.text(), true, maxSequenceLength),
        clipTokenizer.encode(prompt.text(), true, pooledLength()));
  }

  /**
   * {@inheritDoc}
   *
   * @param layers the depth of T5 alone: only its last hidden state is of use
   * @param probe sees {@code prompt_embeds}, (B·L, D), and {@code pooled_prompt_embeds}, (B, D')
   */
  @Override
  public List<PromptEmbeds> encode(
      List<PromptTokens> prompts, OutputLayers layers, StageProbe probe) {
    List<TokenIds> pooled =
        prompts.stream().map(each -> Objects.requireNonNull(each.pooled())).toList();
    List<TokenIds> sequences = prompts.stream().map(PromptTokens::sequence).toList();
    HostTensor vectors = pool(pooled, probe);
    HostTensor states = encodeSequences(sequences, probe);

    List<PromptEmbeds> embeds = new ArrayList<>(prompts.size());
    for (int i = 0; i < prompts.size(); i++) {
      TokenIds tokens = sequences.get(i);
      HostTensor vector = vectors.slice(i, 1).reshape(vectors.shape().dim(1));
      embeds.add(
          new PromptEmbeds(
                  states.slice((long) i * tokens.length(), tokens.length()),
                  tokens.tokenCount(),
                  tokens.truncated(),
                  new PromptEmbeds.Pooled(vector, pooled.get(i).truncated()))
              .requireFinite());
    }
    return embeds;
  }

  private HostTensor pool(List<TokenIds> batch, StageProbe probe) {
    int length = batch.getFirst().length();
    long bytes = WorkspacePlan.bytes(plan -> clip.layOut(plan, batch.size(), length));
    try (Workspace workspace = backend.workspace(bytes)) {
      ClipActivations activations = clip.layOut(workspace, batch.size(), length);
      Tensor pooled = clip.forward(batch, activations, StageProbe.NONE);
      probe.observe("pooled_prompt_embeds", pooled);
      return backend.download(pooled);
    }
  }

  private HostTensor encodeSequences(List<TokenIds> batch, StageProbe probe) {
    int length = batch.getFirst().length();
    long bytes = WorkspacePlan.bytes(plan -> t5.layOut(plan, batch.size(), length));
    try (Workspace workspace = backend.workspace(bytes)) {
      T5Activations activations = t5.layOut(workspace, batch.size(), length);
      Tensor states = t5.forward(batch, activations, StageProbe.NONE);
      probe.observe("prompt_embeds", states);
      return backend.download(states);
    }
  }
}
