package dev.fluxgate.encoder.model;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Weight;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a Mistral or Qwen3 decoder (models spec §5.1.1, §5.2), or of Pixtral's tower
 * (§5.1.8):
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
public record DecoderLayer(Weights weights, float eps) {

  /**
   * Widths of a layer.
   *
   * @param hidden D
   * @param inner F
   * @param heads H
   * @param keyValueHeads Hkv
   * @param headDim K
   */
  public record Sizes(int hidden, int inner, int heads, int keyValueHeads, int headDim) {
    /** H·K. */
    public int queryWidth() {
      return Math.multiplyExact(heads, headDim);
    }

    /** Hkv·K. */
    public int keyWidth() {
      return Math.multiplyExact(keyValueHeads, headDim);
    }
  }

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
  public record Weights(
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

  /**
   * How the rows of a pass see keys.
   *
   * @param geometry of the attention
   * @param mask which keys
   * @param table angles of the rows
   */
  public record Sight(AttentionGeometry geometry, AttentionMask mask, RotaryTable table) {}

  /**
   * Adds attention and MLP to {@code a.hidden()}, (M, D).
   *
   * @param own takes the keys and values of the rows, (M, Hkv·K)
   * @param seen what the rows attend to; holds {@code own}
   */
  public void forward(
      Backend backend, RowActivations a, KeyValues own, KeyValues seen, Sight sight) {
    int heads = sight.geometry.heads();
    int keyValueHeads = sight.geometry.keyValueHeads();

    backend.rmsNorm(a.hidden(), weights.inputNorm, eps, a.normed());
    backend.linear(a.normed(), weights.query, Epilogue.NONE, a.query());
    backend.linear(a.normed(), weights.key, Epilogue.NONE, own.keys());
    backend.linear(a.normed(), weights.value, Epilogue.NONE, own.values());
    backend.rotate(a.query(), heads, weights.queryNorm, sight.table, a.query());
    backend.rotate(own.keys(), keyValueHeads, weights.keyNorm, sight.table, own.keys());
    backend.attention(
        a.query(), seen.keys(), seen.values(), sight.geometry, sight.mask, a.attended());
    backend.linear(a.attended(), weights.output, new Epilogue.Add(a.hidden()), a.hidden());

    backend.rmsNorm(a.hidden(), weights.innerNorm, eps, a.normed());
    backend.linear(a.normed(), weights.gate, Epilogue.SILU, a.gate());
    backend.linear(a.normed(), weights.up, new Epilogue.Multiply(a.gate()), a.inner());
    backend.linear(a.inner(), weights.down, new Epilogue.Add(a.hidden()), a.hidden());
  }
}
