package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.transformer.Modulation;
import dev.fluxgate.engine.backend.AttentionMask;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.HeadNorm;
import dev.fluxgate.engine.backend.StageProbe;

/**
 * Text and image attend to each other, each through weights of its own (flux2 spec §1.6). For each
 * stream: h += gate · out(attention(norm(q), norm(k), v)), then h += gate · down(silu(g(n)) ·
 * u(n)), n the modulated norm of h.
 */
final class DoubleStreamBlock {
  private final Backend backend;
  private final Flux2Params params;
  private final Flux2Weights.DoubleBlock weights;
  private final int index;
  private final String stage;
  private final StageProbe probe;

  DoubleStreamBlock(
      Backend backend,
      Flux2Params params,
      Flux2Weights.DoubleBlock weights,
      int index,
      StageProbe probe) {
    this.backend = backend;
    this.params = params;
    this.weights = weights;
    this.index = index;
    this.stage = "double." + index;
    this.probe = probe;
  }

  void forward(StepModulation step, Flux2Activations activations) {
    TokenRows text = activations.text();
    TokenRows image = activations.image();
    project(weights.image(), step.imageAttention(), image);
    project(weights.text(), step.textAttention(), text);

    attend(activations);
    observeAttention(text, image);

    addAttention(weights.image(), step.imageAttention(), image);
    addMlp(weights.image(), step.imageMlp(), image);
    addAttention(weights.text(), step.textAttention(), text);
    addMlp(weights.text(), step.textMlp(), text);
    probe.observe(stage + ".text", text.stream());
    probe.observe(stage + ".image", image.stream());
  }

  /** Passes references, which attend to themselves alone, and keeps their keys and values. */
  void remember(StepModulation step, Flux2Activations activations, ReferenceKeys references) {
    TokenRows image = activations.image();
    project(weights.image(), step.imageAttention(), image);
    references.doubleBlocks().get(index).keep(backend, image);
    attend(activations);
    observeAttention(weights.image(), image, ".attn.image");
    addAttention(weights.image(), step.imageAttention(), image);
    addMlp(weights.image(), step.imageMlp(), image);
    probe.observe(stage + ".image", image.stream());
  }

  private void attend(Flux2Activations activations) {
    ReferenceKeys references = activations.references();
    if (references != null) {
      references.doubleBlocks().get(index).prepend(backend, activations);
    }
    backend.attention(
        activations.joint().q(),
        activations.keys(),
        activations.values(),
        activations.attention(),
        AttentionMask.FULL,
        activations.joint().attended());
  }

  private void project(Flux2Weights.Stream stream, Modulation modulation, TokenRows rows) {
    backend.modulatedLayerNorm(
        rows.stream(), modulation.shift(), modulation.scale(), params.eps(), rows.normed());
    backend.linear(rows.normed(), stream.q(), Epilogue.NONE, rows.q());
    backend.linear(rows.normed(), stream.k(), Epilogue.NONE, rows.k());
    backend.linear(rows.normed(), stream.v(), Epilogue.NONE, rows.v());
    HeadNorm normQ = new HeadNorm(stream.normQ(), params.eps(), HeadNorm.Order.WEIGH_THEN_ROUND);
    HeadNorm normK = new HeadNorm(stream.normK(), params.eps(), HeadNorm.Order.WEIGH_THEN_ROUND);
    backend.rotate(rows.q(), params.heads(), normQ, rows.rope(), rows.q());
    backend.rotate(rows.k(), params.heads(), normK, rows.rope(), rows.k());
  }

  private void addAttention(Flux2Weights.Stream stream, Modulation modulation, TokenRows rows) {
    Epilogue gated = new Epilogue.GatedAdd(modulation.gate(), rows.stream());
    backend.linear(rows.attended(), stream.out(), gated, rows.stream());
  }

  private void addMlp(Flux2Weights.Stream stream, Modulation modulation, TokenRows rows) {
    backend.modulatedLayerNorm(
        rows.stream(), modulation.shift(), modulation.scale(), params.eps(), rows.normed());
    backend.linear(rows.normed(), stream.gate(), Epilogue.SILU, rows.gate());
    backend.linear(rows.normed(), stream.up(), new Epilogue.Multiply(rows.gate()), rows.hidden());
    Epilogue gated = new Epilogue.GatedAdd(modulation.gate(), rows.stream());
    backend.linear(rows.hidden(), stream.down(), gated, rows.stream());
  }

  private void observeAttention(TokenRows text, TokenRows image) {
    observeAttention(weights.text(), text, ".attn.text");
    observeAttention(weights.image(), image, ".attn.image");
  }

  /** The output before its gate is stored nowhere, so it is computed once more to be seen. */
  private void observeAttention(Flux2Weights.Stream stream, TokenRows rows, String name) {
    if (!probe.equals(StageProbe.NONE)) {
      backend.linear(rows.attended(), stream.out(), Epilogue.NONE, rows.normed());
      probe.observe(stage + name, rows.normed());
    }
  }
}
