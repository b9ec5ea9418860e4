package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;

/**
 * Text and image attend to each other, each through weights of its own (models spec §1.6, §1.11).
 * For each stream: h += gate · out(attention(norm(q), norm(k), v)), then h += gate ·
 * down(gelu(up(n))), n the modulated norm of h.
 */
final class DoubleStreamBlock {
  private final Backend backend;
  private final AttentionInput attentionInput;
  private final Flux1Weights.DoubleBlock weights;
  private final String stage;
  private final StageProbe probe;

  DoubleStreamBlock(
      Backend backend,
      AttentionInput attentionInput,
      Flux1Weights.DoubleBlock weights,
      String stage,
      StageProbe probe) {
    this.backend = backend;
    this.attentionInput = attentionInput;
    this.weights = weights;
    this.stage = stage;
    this.probe = probe;
  }

  void forward(Flux1Modulation.DoubleBlock modulation, Flux1Activations activations) {
    TokenRows text = activations.text();
    TokenRows image = activations.image();
    attentionInput.forward(weights.image().heads(), modulation.image().attention(), image);
    attentionInput.forward(weights.text().heads(), modulation.text().attention(), text);

    TokenRows joint = activations.joint();
    backend.attention(
        joint.q(),
        joint.k(),
        joint.v(),
        activations.attention(),
        AttentionMask.FULL,
        joint.attended());

    addBranches(weights.image(), modulation.image(), image);
    addBranches(weights.text(), modulation.text(), text);
    probe.observe(stage + ".text", text.stream());
    probe.observe(stage + ".image", image.stream());
  }

  private void addBranches(
      Flux1Weights.Stream stream, Flux1Modulation.Stream modulation, TokenRows rows) {
    Epilogue attention = new Epilogue.GatedAdd(modulation.attention().gate(), rows.stream());
    backend.linear(rows.attended(), stream.out(), attention, rows.stream());

    Modulation mlp = modulation.mlp();
    backend.modulatedLayerNorm(
        rows.stream(), mlp.shift(), mlp.scale(), Flux1Params.EPS, rows.normed());
    backend.linear(rows.normed(), stream.up(), Epilogue.GELU_TANH, rows.hidden());
    Epilogue gated = new Epilogue.GatedAdd(mlp.gate(), rows.stream());
    backend.linear(rows.hidden(), stream.down(), gated, rows.stream());
  }
}
