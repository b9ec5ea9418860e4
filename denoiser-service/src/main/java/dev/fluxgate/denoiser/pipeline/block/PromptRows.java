package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.engine.backend.Workspace;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Shape;
import dev.fluxgate.engine.tensor.Tensor;

/**
 * Embeds of all prompts of a pass.
 *
 * @param embeds (count · tokens, width)
 * @param count one for all pictures, or one a prompt
 * @param tokens L, of each
 */
public record PromptRows(Tensor embeds, int count, int tokens) {

  /** Lays out {@code count} prompts. */
  public static PromptRows layOut(Workspace workspace, DenoiserModel model, int count, int tokens) {
    Shape rows = Shape.of((long) count * tokens, model.promptWidth());
    return new PromptRows(workspace.tensor(model.dtype(), rows), count, tokens);
  }

  /** Stores embeds of (count, L, width), of any float type. */
  public void upload(DenoiserModel model, HostTensor sequences) {
    model.backend().upload(sequences.to(model.dtype()), embeds);
  }

  /** (L, width). */
  public Tensor of(int prompt) {
    return embeds.rows(count == 1 ? 0 : prompt * tokens, tokens);
  }
}
