package dev.fluxgate.encoder.model.t5;

import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.Weight;

/**
 * One layer of a T5 encoder (models spec §5.3):
 *
 * <pre>
 *   h += o(attention(q(n), k(n), v(n), bias)),  n = RmsNorm(h)
 *   h += wo(gelu(wi_0(n)) · wi_1(n)),           n = RmsNorm(h)
 * </pre>
 *
 * @param weights of this layer
 * @param eps of the norms
 */
record T5Layer(Weights weights, float eps) {

  /**
   * Weights of one layer; none has a bias.
   *
   * @param attentionNorm (D)
   * @param query (H·K, D)
   * @param key (H·K, D)
   * @param value (H·K, D)
   * @param output (D, H·K)
   * @param innerNorm (D)
   * @param gate wi_0, (F, D)
   * @param up wi_1, (F, D)
   * @param down wo, (D, F)
   */
  record Weights(
      Weight.Vector attentionNorm,
      Weight.Linear query,
      Weight.Linear key,
      Weight.Linear value,
      Weight.Linear output,
      Weight.Vector innerNorm,
      Weight.Linear gate,
      Weight.Linear up,
      Weight.Linear down) {}

  /** Adds attention and MLP to {@code a.hidden()}, (M, D). Padding is attended like any token. */
  void forward(Backend backend, T5Activations a) {
    backend.rmsNorm(a.hidden(), weights.attentionNorm, eps, a.normed());
    backend.linear(a.normed(), weights.query, Epilogue.NONE, a.query());
    backend.linear(a.normed(), weights.key, Epilogue.NONE, a.key());
    backend.linear(a.normed(), weights.value, Epilogue.NONE, a.value());
    AttentionMask mask = new AttentionMask.Biased(a.bias());
    backend.attention(a.query(), a.key(), a.value(), a.geometry(), mask, a.attended());
    backend.linear(a.attended(), weights.output, new Epilogue.Add(a.hidden()), a.hidden());

    backend.rmsNorm(a.hidden(), weights.innerNorm, eps, a.normed());
    backend.linear(a.normed(), weights.gate, Epilogue.GELU_COMPOSED_TANH, a.gate());
    backend.linear(a.normed(), weights.up, new Epilogue.Multiply(a.gate()), a.inner());
    backend.linear(a.inner(), weights.down, new Epilogue.Add(a.hidden()), a.hidden());
  }
}
