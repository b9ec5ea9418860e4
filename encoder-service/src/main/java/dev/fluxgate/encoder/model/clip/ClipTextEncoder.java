package dev.fluxgate.encoder.model.clip;

import dev.fluxgate.encoder.model.LoadedWeights;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code CLIPTextModel}, the text encoder of FLUX.1 that gives it one vector (models spec §5.4).
 * Owns the mapped checkpoint and the weights made of it. One thread at a time.
 */
public final class ClipTextEncoder implements AutoCloseable {
  private final Backend backend;
  private final ClipParams params;
  private final LoadedWeights<ClipWeights> loaded;
  private final ClipWeights weights;

  private ClipTextEncoder(Backend backend, ClipParams params, LoadedWeights<ClipWeights> loaded) {
    this.backend = backend;
    this.params = params;
    this.loaded = loaded;
    weights = loaded.weights();
  }

  /**
   * Loads the encoder of a component folder. Layers are prepared when first used.
   *
   * @param folder with config.json and one safetensors file or shards
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if it is no text encoder of CLIP, or
   *     broken
   */
  public static ClipTextEncoder load(Path folder, Backend backend, DType computeType) {
    ClipParams params = ClipParams.read(ConfigJson.read(folder.resolve("config.json")));
    LoadedWeights<ClipWeights> loaded =
        LoadedWeights.load(
            folder,
            backend,
            computeType,
            (checkpoint, store) -> new ClipWeights(checkpoint, params, store));
    return new ClipTextEncoder(backend, params, loaded);
  }

  /** Sizes and constants. */
  public ClipParams params() {
    return params;
  }

  /** Type of weights and activations. */
  public DType computeType() {
    return loaded.store().computeType();
  }

  /**
   * Prepares every weight; a forward pass does so itself.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the checkpoint lacks one
   */
  public void prepare() {
    weights.layer(params.layers() - 1);
    weights.finalNorm();
  }

  /** Lays out the activations of {@code batch} sequences of {@code length} ids. */
  public ClipActivations layOut(Workspace workspace, int batch, int length) {
    return ClipActivations.layOut(workspace, computeType(), params, batch, length);
  }

  /**
   * Enqueues the forward pass.
   *
   * @param batch B sequences of equal length L, at most the positions of the model
   * @param a laid out for B and L
   * @param probe sees {@code hidden_states.N}, (M, D), of which 0 is the embedding and the depth is
   *     the output of the last layer, and {@code last_hidden_state}, behind the final norm
   * @return the state of each sequence's end token, (B, D), one of {@code a}
   */
  public Tensor forward(List<TokenIds> batch, ClipActivations a, StageProbe probe) {
    embed(batch, a);
    int length = a.geometry().queries();
    // No padding is left out: it follows the end token, which is all that is pooled.
    AttentionMask mask =
        new AttentionMask.Causal(
            Collections.nCopies(batch.size(), new AttentionMask.KeyRange(0, length)));
    for (int index = 0; index < params.layers(); index++) {
      probe.observe("hidden_states." + index, a.hidden());
      new ClipLayer(weights.layer(index), params.layerNormEps(), params.activation())
          .forward(backend, a, mask);
    }
    probe.observe("hidden_states." + params.layers(), a.hidden());
    ClipLayer.Norm norm = weights.finalNorm();
    backend.layerNorm(a.hidden(), norm.weight(), norm.bias(), params.layerNormEps(), a.normed());
    probe.observe("last_hidden_state", a.normed());
    for (int sequence = 0; sequence < batch.size(); sequence++) {
      int end = sequence * length + endPosition(batch.get(sequence).ids());
      backend.copy(a.normed().rows(end, 1), a.pooled().rows(sequence, 1));
    }
    return a.pooled();
  }

  /** Frees the weights and unmaps the checkpoint. Closing twice is harmless. */
  @Override
  public void close() {
    loaded.close();
  }

  private void embed(List<TokenIds> batch, ClipActivations a) {
    int[] ids = TokenIds.concatenated(batch);
    int length = a.geometry().queries();
    int[] positions = IntStream.range(0, ids.length).map(row -> row % length).toArray();
    Shape rows = Shape.of(ids.length);
    backend.upload(HostTensor.ofInts(rows, ids), a.ids());
    backend.upload(HostTensor.ofInts(rows, positions), a.positions());
    backend.embed(a.ids(), weights.tokens(), a.hidden());
    backend.embed(a.positions(), weights.positions(), a.normed());
    backend.add(a.hidden(), a.normed(), a.hidden());
  }

  /** Where a sequence ends; the first position where it has no end token, as in the reference. */
  private int endPosition(List<Integer> ids) {
    boolean legacy = params.endToken() == ClipParams.LEGACY_END_TOKEN;
    int end = legacy ? Collections.max(ids) : params.endToken();
    return Math.max(0, ids.indexOf(end));
  }
}
