package dev.fluxgate.denoiser.pipeline.block;

import dev.fluxgate.denoiser.model.DenoiserModel;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * What a step moves along: the velocity of the positive pass, or with true guidance v⁻ + w·(v⁺ −
 * v⁻), the positive pass first (models spec §3.6).
 */
public final class GuidedVelocity {
  private final DenoiserModel model;
  private final List<? extends TransformerPass> passes;
  private final float scale;

  /**
   * Of one pass, or of a positive and a negative one.
   *
   * @param scale w, without effect on one pass
   */
  public GuidedVelocity(DenoiserModel model, List<? extends TransformerPass> passes, double scale) {
    this.model = model;
    this.passes = List.copyOf(passes);
    this.scale = (float) scale;
  }

  /** (N·S, C), always in the same place. */
  public Tensor at(int step) {
    for (int pass = 0; pass < passes.size(); pass++) {
      passes.get(pass).forward(step);
      model
          .probe()
          .observe("model_output." + (step * passes.size() + pass), passes.get(pass).velocity());
    }
    Tensor velocity = passes.getFirst().velocity();
    if (passes.size() > 1) {
      model.backend().guide(passes.getLast().velocity(), velocity, scale, velocity);
    }
    return velocity;
  }
}
