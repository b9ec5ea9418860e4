package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;

/**
 * Text and image as one stream; attention and MLP side by side, joined by one output matrix (models
 * spec §1.7, §1.11): s += gate · out([attention(norm(q), norm(k), v) | gelu(up(n))]), n the
 * modulated norm of s.
 */
final class SingleStreamBlock {
  private final Backend backend;
  private final AttentionInput attentionInput;
  private final Flux1Weights.SingleBlock weights;
  private final String stage;
  private final StageProbe probe;

  SingleStreamBlock(
      Backend backend,
      AttentionInput attentionInput,
      Flux1Weights.SingleBlock weights,
      String stage,
      StageProbe probe) {
    this.backend = backend;
    this.attentionInput = attentionInput;
    this.weights = weights;
    this.stage = stage;
    this.probe = probe;
  }

  void forward(Modulation modulation, Flux1Activations activations) {
    TokenRows rows = activations.joint();
    attentionInput.forward(weights.heads(), modulation, rows);
    backend.attention(
        rows.q(), rows.k(), rows.v(), activations.attention(), AttentionMask.FULL, rows.attended());
    backend.linear(rows.normed(), weights.up(), Epilogue.GELU_TANH, rows.hidden());
    Epilogue gated = new Epilogue.GatedAdd(modulation.gate(), rows.stream());
    backend.linear(rows.branches(), weights.out(), gated, rows.stream());
    probe.observe(stage + ".text", activations.text().stream());
    probe.observe(stage + ".image", activations.image().stream());
  }
}
