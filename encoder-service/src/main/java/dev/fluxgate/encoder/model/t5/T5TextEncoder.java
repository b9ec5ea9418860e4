package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.encoder.model.LoadedWeights;
import dev.fluxgate.encoder.token.TokenIds;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.checkpoint.ConfigJson;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code T5EncoderModel}, the text encoder of FLUX.1 that gives it the sequence (models spec §5.3).
 * Owns the mapped checkpoint and the weights made of it. One thread at a time.
 */
public final class T5TextEncoder implements AutoCloseable {
  private final Backend backend;
  private final T5Params params;
  private final LoadedWeights<T5Weights> loaded;
  private final T5Weights weights;

  /** Bias of the length encoded last: a service is mostly asked for the same one. */
  private @Nullable HostTensor lastBias;

  private T5TextEncoder(Backend backend, T5Params params, LoadedWeights<T5Weights> loaded) {
    this.backend = backend;
    this.params = params;
    this.loaded = loaded;
    weights = loaded.weights();
  }

  /**
   * Loads the encoder of a component folder. Layers are prepared when first used.
   *
   * @param folder with config.json and one safetensors file or shards
   * @throws dev.fluxgate.engine.checkpoint.CheckpointException if it is no T5, or broken
   */
  public static T5TextEncoder load(Path folder, Backend backend, DType computeType) {
    T5Params params = T5Params.read(ConfigJson.read(folder.resolve("config.json")));
    LoadedWeights<T5Weights> loaded =
        LoadedWeights.load(
            folder,
            backend,
            computeType,
            (checkpoint, store) -> new T5Weights(checkpoint, params, store));
    return new T5TextEncoder(backend, params, loaded);
  }

  /** Sizes and constants. */
  public T5Params params() {
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
  public T5Activations layOut(Workspace workspace, int batch, int length) {
    return T5Activations.layOut(workspace, computeType(), params, batch, length);
  }

  /**
   * Enqueues the forward pass.
   *
   * @param batch B sequences of equal length L
   * @param a laid out for B and L
   * @param probe sees {@code position_bias}, (H·L, L), and {@code hidden_states.N}, (M, D), before
   *     each layer
   * @return the last hidden state behind the final norm, (M, D), one of {@code a}
   */
  public Tensor forward(List<TokenIds> batch, T5Activations a, StageProbe probe) {
    int[] ids = TokenIds.concatenated(batch);
    backend.upload(HostTensor.ofInts(Shape.of(ids.length), ids), a.ids());
    backend.upload(bias(a.geometry().queries()), a.bias());
    probe.observe("position_bias", a.bias());
    backend.embed(a.ids(), weights.embedding(), a.hidden());
    for (int index = 0; index < params.layers(); index++) {
      probe.observe("hidden_states." + index, a.hidden());
      new T5Layer(weights.layer(index), params.rmsNormEps()).forward(backend, a);
    }
    backend.rmsNorm(a.hidden(), weights.finalNorm(), params.rmsNormEps(), a.normed());
    return a.normed();
  }

  /** Frees the weights and unmaps the checkpoint. Closing twice is harmless. */
  @Override
  public void close() {
    loaded.close();
  }

  private HostTensor bias(int length) {
    HostTensor bias = lastBias;
    if (bias == null || bias.shape().dim(1) != length) {
      bias = PositionBias.of(weights.positionBias(), params, length, computeType());
      lastBias = bias;
    }
    return bias;
  }
}
