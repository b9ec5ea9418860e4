package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a Mistral or Qwen3 decoder (models spec §5.1.1, §5.2):
 *
 * <pre>
 *   h += o(attention(rope(q(n)), rope(k(n)), v(n))),  n = RmsNorm(h)
 *   h += down(silu(gate(n)) · up(n)),                 n = RmsNorm(h)
 * </pre>
 *
 * Qwen3 normalises the queries and keys of each head before they are rotated.
 *
 * @param weights of this layer
 * @param eps of the norms
 */
record DecoderLayer(Weights weights, float eps) {

  /**
   * Weights of one layer; none has a bias.
   *
   * @param inputNorm (D)
   * @param query (H·K, D)
   * @param key (Hkv·K, D)
   * @param value (Hkv·K, D)
   * @param queryNorm (K), Qwen3 only
   * @param keyNorm (K), Qwen3 only
   * @param output (D, H·K)
   * @param innerNorm (D)
   * @param gate (F, D)
   * @param up (F, D)
   * @param down (D, F)
   */
  record Weights(
      Weight.Vector inputNorm,
      Weight.Linear query,
      Weight.Linear key,
      Weight.Linear value,
      @Nullable HeadNorm queryNorm,
      @Nullable HeadNorm keyNorm,
      Weight.Linear output,
      Weight.Vector innerNorm,
      Weight.Linear gate,
      Weight.Linear up,
      Weight.Linear down) {}

  /** Adds attention and MLP to {@code a.hidden()}, (M, D). */
  void forward(Backend backend, DecoderActivations a, AttentionMask mask, RotaryTable table) {
    int heads = a.geometry().heads();
    int keyValueHeads = a.geometry().keyValueHeads();

    backend.rmsNorm(a.hidden(), weights.inputNorm, eps, a.normed());
    backend.linear(a.normed(), weights.query, Epilogue.NONE, a.query());
    backend.linear(a.normed(), weights.key, Epilogue.NONE, a.key());
    backend.linear(a.normed(), weights.value, Epilogue.NONE, a.value());
    backend.rotate(a.query(), heads, weights.queryNorm, table, a.query());
    backend.rotate(a.key(), keyValueHeads, weights.keyNorm, table, a.key());
    backend.attention(a.query(), a.key(), a.value(), a.geometry(), mask, a.attended());
    backend.linear(a.attended(), weights.output, new Epilogue.Add(a.hidden()), a.hidden());

    backend.rmsNorm(a.hidden(), weights.innerNorm, eps, a.normed());
    backend.linear(a.normed(), weights.gate, Epilogue.SILU, a.gate());
    backend.linear(a.normed(), weights.up, new Epilogue.Multiply(a.gate()), a.inner());
    backend.linear(a.inner(), weights.down, new Epilogue.Add(a.hidden()), a.hidden());
  }
}
