package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Keys, after norm and rotation, and values of R reference tokens in every block (flux2 spec §1.9).
 * References that attend to themselves alone, at a time of their own, are the same at every step,
 * for every prompt and every picture of a job: they are passed once. D width.
 */
public final class ReferenceKeys {
  private final int tokens;
  private final List<Layer> doubleBlocks;
  private final List<Layer> singleBlocks;

  /** Lays out the tensors for {@code tokens}. */
  public ReferenceKeys(Workspace workspace, Flux2Params params, DType dtype, int tokens) {
    this.tokens = tokens;
    Shape rows = Shape.of(tokens, params.width());
    doubleBlocks = layOut(workspace, dtype, rows, params.doubleBlocks());
    singleBlocks = layOut(workspace, dtype, rows, params.singleBlocks());
  }

  private static List<Layer> layOut(Workspace workspace, DType dtype, Shape rows, int count) {
    return IntStream.range(0, count)
        .mapToObj(_ -> new Layer(workspace.tensor(dtype, rows), workspace.tensor(dtype, rows)))
        .toList();
  }

  /**
   * Of one block.
   *
   * @param keys (R, D)
   * @param values (R, D)
   */
  public record Layer(Tensor keys, Tensor values) {

    /** Keeps what a block computed of the references. */
    void keep(Backend backend, TokenRows rows) {
      backend.copy(rows.k(), keys);
      backend.copy(rows.v(), values);
    }

    /**
     * Puts them before the keys and values of the tokens that are passed: the last keys of all are
     * those of the reference, to which its kernel gives another exponential in bfloat16.
     */
    void prepend(Backend backend, Flux2Activations activations) {
      backend.copy(keys, activations.keys().rows(0, keys.rows()));
      backend.copy(values, activations.values().rows(0, keys.rows()));
    }
  }

  /** R. */
  public int tokens() {
    return tokens;
  }

  /** Of the double-stream blocks, in order. */
  public List<Layer> doubleBlocks() {
    return doubleBlocks;
  }

  /** Of the single-stream blocks, in order. */
  public List<Layer> singleBlocks() {
    return singleBlocks;
  }
}
