package dev.fluxgate.encoder.embed;

import dev.fluxgate.encoder.model.HiddenStateSink;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays the chosen hidden states side by side, feature = [first | second | …] (models spec §5.1.3):
 * k × (B·L, D) → (B·L, k·D). Each is copied as it is computed.
 */
public final class PromptEmbedder implements HiddenStateSink {
  private final Backend backend;
  private final OutputLayers layers;
  private final Tensor stacked;

  private PromptEmbedder(Backend backend, OutputLayers layers, Tensor stacked) {
    this.backend = backend;
    this.layers = layers;
    this.stacked = stacked;
  }

  /**
   * Lays out the result.
   *
   * @param hiddenStates shape of one hidden state, (B·L, D)
   */
  public static PromptEmbedder layOut(
      Workspace workspace,
      Backend backend,
      OutputLayers layers,
      DType computeType,
      Shape hiddenStates) {
    Shape shape = Shape.of(hiddenStates.dim(0), layers.count() * hiddenStates.dim(1));
    return new PromptEmbedder(backend, layers, workspace.tensor(computeType, shape));
  }

  @Override
  public void accept(int index, Tensor hiddenStates) {
    int place = layers.indices().indexOf(index);
    if (place >= 0) {
      int width = hiddenStates.columns();
      backend.copy(hiddenStates, stacked.columns(place * width, width));
    }
  }

  /**
   * Waits for the device and gives each sequence its own embeds.
   *
   * @param batch the B sequences that were encoded
   * @throws NonFiniteEmbedsException for values that no transformer can use
   */
  public List<PromptEmbeds> download(List<TokenIds> batch) {
    HostTensor all = backend.download(stacked);
    List<PromptEmbeds> embeds = new ArrayList<>(batch.size());
    long first = 0;
    for (TokenIds tokens : batch) {
      embeds.add(
          new PromptEmbeds(
                  all.slice(first, tokens.length()), tokens.tokenCount(), tokens.truncated())
              .requireFinite());
      first += tokens.length();
    }
    return embeds;
  }
}
