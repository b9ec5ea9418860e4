package dev.fluxgate.encoder.model;

import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.WeightStore;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.backend.WorkspacePlan;
import dev.fluxgate.engine.checkpoint.Checkpoint;
import dev.fluxgate.engine.checkpoint.TensorSource;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * Token embedding, decoder layers, final norm: what Mistral3 and Qwen3 share. Owns the mapped
 * checkpoint and the weights made of it. One thread at a time.
 */
public final class DecoderStack implements AutoCloseable {
  private final Backend backend;
  private final TextEncoderParams params;
  private final LoadedWeights<TextEncoderWeights> loaded;
  private final TextEncoderWeights weights;

  private DecoderStack(
      Backend backend, TextEncoderParams params, LoadedWeights<TextEncoderWeights> loaded) {
    this.backend = backend;
    this.params = params;
    this.loaded = loaded;
    weights = loaded.weights();
  }

  static DecoderStack load(
      Path folder,
      TextEncoderParams params,
      Function<Checkpoint, TextEncoderWeights.Keys> keys,
      Backend backend,
      DType computeType) {
    LoadedWeights<TextEncoderWeights> loaded =
        LoadedWeights.load(
            folder,
            backend,
            computeType,
            (checkpoint, store) ->
                new TextEncoderWeights(checkpoint, keys.apply(checkpoint), params, store));
    return new DecoderStack(backend, params, loaded);
  }

  /** Sizes and constants. */
  public TextEncoderParams params() {
    return params;
  }

  /** Type of weights and activations. */
  public DType computeType() {
    return loaded.store().computeType();
  }

  /**
   * Prepares the weights that hidden state {@code index} needs; a forward pass does so itself.
   *
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if the checkpoint lacks one
   */
  public void prepare(int index) {
    if (index > 0) {
      weights.layer(index - 1);
    }
    if (index == params.layers()) {
      weights.finalNorm();
    }
  }

  /** Lays out the activations of {@code batch} sequences of {@code length} ids. */
  public DecoderActivations layOut(Workspace workspace, int batch, int length) {
    return DecoderActivations.layOut(workspace, computeType(), params, batch, length);
  }

  /**
   * Enqueues the forward pass up to hidden state {@code last}; later layers are not run.
   *
   * @param batch B sequences of equal length L
   * @param last 0..layers
   * @param activations laid out for B and L
   * @param sink takes hidden states 0..last
   */
  public void forward(
      List<TokenIds> batch, int last, DecoderActivations activations, HiddenStateSink sink) {
    int[] all = batch.stream().flatMap(ids -> ids.ids().stream()).mapToInt(id -> id).toArray();
    backend.upload(HostTensor.ofInts(Shape.of(all.length), all), activations.ids());
    RotaryTable table = uploadAngles(0, activations.rows());
    AttentionMask mask =
        new AttentionMask.Causal(
            batch.stream()
                .map(ids -> new AttentionMask.KeyRange(ids.firstToken(), ids.endToken()))
                .toList());
    DecoderLayer.Sight sight = new DecoderLayer.Sight(activations.geometry(), mask, table);
    Tensor hidden = activations.hidden();
    backend.embed(activations.ids(), weights.embedding(), hidden);
    for (int index = 0; index < params.layers(); index++) {
      sink.accept(index, hidden);
      if (index == last) {
        return;
      }
      layer(index)
          .forward(
              backend, activations.rows(), activations.keyValues(), activations.keyValues(), sight);
    }
    Tensor normed = activations.rows().normed();
    backend.rmsNorm(hidden, weights.finalNorm(), params.rmsNormEps(), normed);
    sink.accept(params.layers(), normed);
  }

  /** Layer {@code index}, counted from 0; prepared when first asked for. */
  DecoderLayer layer(int index) {
    return new DecoderLayer(weights.layer(index), params.rmsNormEps());
  }

  /** The weights outside the layers. */
  TextEncoderWeights weights() {
    return weights;
  }

  /** Where it computes. */
  public Backend backend() {
    return backend;
  }

  /** Uploads the angles of the positions from {@code first} on. */
  RotaryTable uploadAngles(int first, RowActivations rows) {
    RotaryAngles angles =
        RotaryAngles.from(
            first, rows.cos().rows(), params.headDim(), params.ropeTheta(), computeType());
    backend.upload(angles.cos(), rows.cos());
    backend.upload(angles.sin(), rows.sin());
    return new RotaryTable(rows.cos(), rows.sin(), RotaryTable.Pairing.HALVES);
  }

  /**
   * Logits of the last position of each sequence, (B, V).
   *
   * @param hiddenStates the last hidden state, (B·L, D)
   * @param batch B
   */
  public HostTensor lastLogits(Tensor hiddenStates, int batch) {
    int length = hiddenStates.rows() / batch;
    Shape states = Shape.of(batch, params.hiddenSize());
    Shape logits = Shape.of(batch, params.vocabularySize());
    long bytes =
        WorkspacePlan.bytes(plan -> {
          plan.tensor(computeType(), states);
          plan.tensor(computeType(), logits);
        });
    try (Workspace workspace = backend.workspace(bytes)) {
      Tensor last = workspace.tensor(computeType(), states);
      Tensor out = workspace.tensor(computeType(), logits);
      for (int sequence = 0; sequence < batch; sequence++) {
        Tensor row = hiddenStates.rows((sequence + 1) * length - 1, 1);
        backend.copy(row, last.rows(sequence, 1));
      }
      backend.linear(last, weights.head(), Epilogue.NONE, out);
      return backend.download(out);
    }
  }

  /** The checkpoint, for what stands beside the decoder in it. */
  public TensorSource source() {
    return loaded.checkpoint();
  }

  /** Owns the weights; further ones of the checkpoint may be prepared in it. */
  public WeightStore store() {
    return loaded.store();
  }

  /** Whether the checkpoint has what gives logits: without it there is nothing to generate with. */
  public boolean hasHead() {
    return weights.hasHead();
  }

  /** Frees the weights and unmaps the checkpoint. Closing twice is harmless. */
  @Override
  public void close() {
    loaded.close();
  }
}
