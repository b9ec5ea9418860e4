package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.engine.backend.AttentionGeometry;
import dev.fluxgate.engine.backend.RotaryTable;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.DType;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Memory of one forward pass of one sequence: L text tokens, then S image tokens, in the rows of
 * the same tensors, so that joining and parting the streams copies nothing. All blocks share it.
 */
public final class Flux1Activations {
  private final TokenRows joint;
  private final TokenRows text;
  private final TokenRows image;
  private final AttentionGeometry attention;

  /** Lays out the tensors for {@code textTokens} and {@code imageTokens}. */
  public Flux1Activations(
      Workspace workspace, Flux1Params params, DType dtype, int textTokens, int imageTokens) {
    int tokens = textTokens + imageTokens;
    Shape wide = Shape.of(tokens, params.width());
    Tensor branches =
        workspace.tensor(dtype, Shape.of(tokens, (long) params.width() + params.mlpWidth()));
    Shape angles = Shape.of(tokens, params.headDim() / 2);
    joint =
        new TokenRows(
            workspace.tensor(dtype, wide),
            workspace.tensor(dtype, wide),
            workspace.tensor(dtype, wide),
            workspace.tensor(dtype, wide),
            workspace.tensor(dtype, wide),
            branches,
            branches.columns(0, params.width()),
            branches.columns(params.width(), params.mlpWidth()),
            new RotaryTable(
                workspace.tensor(DType.F32, angles),
                workspace.tensor(DType.F32, angles),
                RotaryTable.Pairing.ADJACENT));
    text = joint.rows(0, textTokens);
    image = joint.rows(textTokens, imageTokens);
    attention = AttentionGeometry.self(tokens, params.heads(), params.headDim());
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

  /** Attention of all tokens to all tokens. */
  AttentionGeometry attention() {
    return attention;
  }
}
