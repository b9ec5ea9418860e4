package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.StageProbe;

/**
 * Text and image as one stream; attention and MLP side by side, joined by one output matrix (flux2
 * spec §1.7): s += gate · out([attention(norm(q), norm(k), v) | silu(g(n)) · u(n)]), n the
 * modulated norm of s.
 */
final class SingleStreamBlock {
  private final Backend backend;
  private final Flux2Params params;
  private final Flux2Weights.SingleBlock weights;
  private final int index;
  private final String stage;
  private final StageProbe probe;

  SingleStreamBlock(
      Backend backend,
      Flux2Params params,
      Flux2Weights.SingleBlock weights,
      int index,
      StageProbe probe) {
    this.backend = backend;
    this.params = params;
    this.weights = weights;
    this.index = index;
    this.stage = "single." + index;
    this.probe = probe;
  }

  void forward(StepModulation step, Flux2Activations activations) {
    project(step.single(), activations.joint());
    ReferenceKeys references = activations.references();
    if (references != null) {
      references.singleBlocks().get(index).prepend(backend, activations);
    }
    addBranches(step.single(), activations);
  }

  /** Passes references, which attend to themselves alone, and keeps their keys and values. */
  void remember(StepModulation step, Flux2Activations activations, ReferenceKeys references) {
    project(step.single(), activations.joint());
    references.singleBlocks().get(index).keep(backend, activations.joint());
    addBranches(step.single(), activations);
  }

  private void project(Modulation modulation, TokenRows rows) {
    backend.modulatedLayerNorm(
        rows.stream(), modulation.shift(), modulation.scale(), params.eps(), rows.normed());
    backend.linear(rows.normed(), weights.q(), Epilogue.NONE, rows.q());
    backend.linear(rows.normed(), weights.k(), Epilogue.NONE, rows.k());
    backend.linear(rows.normed(), weights.v(), Epilogue.NONE, rows.v());
    HeadNorm normQ = new HeadNorm(weights.normQ(), params.eps(), HeadNorm.Order.WEIGH_THEN_ROUND);
    HeadNorm normK = new HeadNorm(weights.normK(), params.eps(), HeadNorm.Order.WEIGH_THEN_ROUND);
    backend.rotate(rows.q(), params.heads(), normQ, rows.rope(), rows.q());
    backend.rotate(rows.k(), params.heads(), normK, rows.rope(), rows.k());
  }

  private void addBranches(Modulation modulation, Flux2Activations activations) {
    TokenRows rows = activations.joint();
    backend.attention(
        rows.q(),
        activations.keys(),
        activations.values(),
        activations.attention(),
        AttentionMask.FULL,
        rows.attended());
    backend.linear(rows.normed(), weights.gate(), Epilogue.SILU, rows.gate());
    backend.linear(rows.normed(), weights.up(), new Epilogue.Multiply(rows.gate()), rows.hidden());
    observeBranches(rows);
    Epilogue gated = new Epilogue.GatedAdd(modulation.gate(), rows.stream());
    backend.linear(rows.branches(), weights.out(), gated, rows.stream());
    probe.observe(stage, rows.stream());
  }

  /** The output before its gate is stored nowhere, so it is computed once more to be seen. */
  private void observeBranches(TokenRows rows) {
    if (!probe.equals(StageProbe.NONE)) {
      backend.linear(rows.branches(), weights.out(), Epilogue.NONE, rows.normed());
      probe.observe(stage + ".attn", rows.normed());
    }
  }
}
