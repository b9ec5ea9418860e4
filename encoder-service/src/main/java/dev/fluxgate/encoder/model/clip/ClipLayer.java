package dev.fluxgate.encoder.model.clip;

import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.Weight;

/**
 * One layer of CLIP's text encoder (models spec §5.4):
 *
 * <pre>
 *   h += out(attention(q(n), k(n), v(n))),  n = LayerNorm(h)
 *   h += fc2(gelu(fc1(n))),                 n = LayerNorm(h)
 * </pre>
 *
 * @param weights of this layer
 * @param eps of the norms
 * @param activation of the MLP
 */
record ClipLayer(Weights weights, float eps, Epilogue activation) {

  /**
   * Scale and shift of a norm.
   *
   * @param weight (D)
   * @param bias (D)
   */
  record Norm(Weight.Vector weight, Weight.Vector bias) {}

  /**
   * Weights of one layer; every matrix has a bias.
   *
   * @param attentionNorm in front of the attention
   * @param query (D, D)
   * @param key (D, D)
   * @param value (D, D)
   * @param output (D, D)
   * @param innerNorm in front of the MLP
   * @param up fc1, (F, D)
   * @param down fc2, (D, F)
   */
  record Weights(
      Norm attentionNorm,
      Weight.Linear query,
      Weight.Linear key,
      Weight.Linear value,
      Weight.Linear output,
      Norm innerNorm,
      Weight.Linear up,
      Weight.Linear down) {}

  /** Adds attention and MLP to {@code a.hidden()}, (M, D). */
  void forward(Backend backend, ClipActivations a, AttentionMask mask) {
    Norm first = weights.attentionNorm;
    backend.layerNorm(a.hidden(), first.weight, first.bias, eps, a.normed());
    backend.linear(a.normed(), weights.query, Epilogue.NONE, a.query());
    backend.linear(a.normed(), weights.key, Epilogue.NONE, a.key());
    backend.linear(a.normed(), weights.value, Epilogue.NONE, a.value());
    backend.attention(a.query(), a.key(), a.value(), a.geometry(), mask, a.attended());
    backend.linear(a.attended(), weights.output, new Epilogue.Add(a.hidden()), a.hidden());

    Norm second = weights.innerNorm;
    backend.layerNorm(a.hidden(), second.weight, second.bias, eps, a.normed());
    backend.linear(a.normed(), weights.up, activation, a.inner());
    backend.linear(a.inner(), weights.down, new Epilogue.Add(a.hidden()), a.hidden());
  }
}
