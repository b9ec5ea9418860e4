package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Memory of one forward pass of one sequence: L text tokens, then S image tokens, in the rows of
 * the same tensors, so that joining and parting the streams copies nothing. Image tokens are those
 * of the picture that is made and, behind them, those of references. All blocks share it.
 *
 * <p>The gate of the MLP lies beside the queries as the product lies beside the attention's output:
 * a product fused with its gate is fastest where the rows of both are equally far apart.
 */
public final class Flux2Activations {
  private final TokenRows joint;
  private final TokenRows text;
  private final TokenRows image;
  private final Tensor keys;
  private final Tensor values;
  private final AttentionGeometry attention;
  private final @Nullable ReferenceKeys references;

  /** Lays out the tensors for {@code textTokens} and {@code imageTokens}. */
  public Flux2Activations(
      Workspace workspace, Flux2Params params, DType dtype, int textTokens, int imageTokens) {
    this(workspace, params, dtype, textTokens, imageTokens, null);
  }

  /**
   * The same, where the tokens also attend to references of which only keys and values are kept.
   *
   * @param references what is kept, or null
   */
  public Flux2Activations(
      Workspace workspace,
      Flux2Params params,
      DType dtype,
      int textTokens,
      int imageTokens,
      @Nullable ReferenceKeys references) {
    int tokens = textTokens + imageTokens;
    int attended = tokens + (references == null ? 0 : references.tokens());
    this.references = references;
    Shape wide = Shape.of(tokens, params.width());
    keys = workspace.tensor(dtype, Shape.of(attended, params.width()));
    values = workspace.tensor(dtype, Shape.of(attended, params.width()));
    Shape both = Shape.of(tokens, (long) params.width() + params.mlpWidth());
    Tensor inputs = workspace.tensor(dtype, both);
    Tensor branches = workspace.tensor(dtype, both);
    Shape angles = Shape.of(tokens, params.headDim() / 2);
    joint =
        new TokenRows(
            workspace.tensor(dtype, wide),
            workspace.tensor(dtype, wide),
            inputs.columns(0, params.width()),
            keys.rows(attended - tokens, tokens),
            values.rows(attended - tokens, tokens),
            inputs.columns(params.width(), params.mlpWidth()),
            branches,
            branches.columns(0, params.width()),
            branches.columns(params.width(), params.mlpWidth()),
            new RotaryTable(
                workspace.tensor(DType.F32, angles),
                workspace.tensor(DType.F32, angles),
                RotaryTable.Pairing.ADJACENT));
    text = joint.rows(0, textTokens);
    image = joint.rows(textTokens, imageTokens);
    attention =
        new AttentionGeometry(
            1, tokens, attended, params.heads(), params.heads(), params.headDim());
  }

  /** All tokens, text first. */
  TokenRows joint() {
    return joint;
  }

  /** The text tokens. */
  TokenRows text() {
    return text;
  }

  /** The image tokens. */
  TokenRows image() {
    return image;
  }

  /** Room for keys of the references that are kept, then those of all tokens. */
  Tensor keys() {
    return keys;
  }

  /** Room for values of the references that are kept, then those of all tokens. */
  Tensor values() {
    return values;
  }

  /** Whether keys and values of references are kept, so that they do not pass along. */
  public boolean keepsReferences() {
    return references != null;
  }

  /** What is kept of references, if anything is. */
  @Nullable ReferenceKeys references() {
    return references;
  }

  /** Attention of all tokens to all tokens, and to the references that are kept. */
  AttentionGeometry attention() {
    return attention;
  }
}
