package dev.fluxgate.denoiser.transformer.flux1;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.AxialRope;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code FluxTransformer2DModel}: noisy latents, prompt embeds and pooled embed → velocity (models
 * spec §1.11). L text tokens, S image tokens, C latent channels, D width.
 *
 * <p>Once a job: {@link #place} the positions and {@link #modulate} all steps; then {@link
 * #forward} once a step and sequence, which lays out and allocates no tensor.
 */
public final class Flux1Transformer {
  private final Backend backend;
  private final Flux1Params params;
  private final Flux1Weights weights;
  private final StageProbe probe;
  private final AxialRope rope;
  private final ConditionEmbedding embedding;
  private final List<DoubleStreamBlock> doubleBlocks;
  private final List<SingleStreamBlock> singleBlocks;

  /** The model over loaded weights; {@code probe} sees its stages. */
  public Flux1Transformer(
      Backend backend, Flux1Params params, Flux1Weights weights, StageProbe probe) {
    this.backend = backend;
    this.params = params;
    this.weights = weights;
    this.probe = probe;
    rope = new AxialRope(params.ropeAxes(), Flux1Params.ROPE_THETA);
    embedding = new ConditionEmbedding(backend, weights);
    AttentionInput input = new AttentionInput(backend, params.heads());
    doubleBlocks =
        IntStream.range(0, params.doubleBlocks())
            .mapToObj(i ->
                new DoubleStreamBlock(
                    backend, input, weights.doubleBlocks().get(i), "double." + i, probe))
            .toList();
    singleBlocks =
        IntStream.range(0, params.singleBlocks())
            .mapToObj(i ->
                new SingleStreamBlock(
                    backend, input, weights.singleBlocks().get(i), "single." + i, probe))
            .toList();
  }

  /** Its architecture. */
  public Flux1Params params() {
    return params;
  }

  /** Positions → angles. */
  public AxialRope rope() {
    return rope;
  }

  /** Stores the angles of the positions, text first, then image; their last axis has no effect. */
  public void place(PositionIds text, PositionIds image, Flux1Activations activations) {
    PositionIds ids = text.then(image);
    backend.upload(rope.cos(ids), activations.joint().rope().cos());
    backend.upload(rope.sin(ids), activations.joint().rope().sin());
  }

  /**
   * Fills N modulations.
   *
   * @param timesteps N noise levels in [0, 1], in the type of the latents
   * @param guidance N guidance scales, or none
   * @param pooled (N, width of the pooled embed), of the type of the model
   */
  public void modulate(
      float[] timesteps, float @Nullable [] guidance, HostTensor pooled, Flux1Modulations out) {
    if (timesteps.length != out.count()) {
      throw new IllegalArgumentException(
          "timesteps: " + timesteps.length + " (expected: " + out.count() + ")");
    }
    embedding.forward(timesteps, guidance, pooled, out);
    probe.observe("temb", out.embedding);
    backend.silu(out.embedding, out.activated);
    for (int i = 0; i < doubleBlocks.size(); i++) {
      Flux1Weights.DoubleBlock block = weights.doubleBlocks().get(i);
      modulate(out, block.image().modulation(), out.doubleBlocks.get(i).image());
      modulate(out, block.text().modulation(), out.doubleBlocks.get(i).text());
    }
    for (int i = 0; i < singleBlocks.size(); i++) {
      modulate(out, weights.singleBlocks().get(i).modulation(), out.singleBlocks.get(i));
    }
    modulate(out, weights.finalShift(), out.finalShift);
    modulate(out, weights.finalScale(), out.finalScale);
  }

  private void modulate(Flux1Modulations rows, Weight.Linear matrix, Tensor out) {
    backend.linear(rows.activated, matrix, Epilogue.NONE, out);
  }

  /**
   * The velocity of one sequence at one step.
   *
   * @param latents (S, C)
   * @param promptEmbeds (L, width of the prompt)
   * @param modulation of the step and of the pooled embed of the prompt
   * @param velocity (S, C), the result
   */
  public void forward(
      Tensor latents,
      Tensor promptEmbeds,
      Flux1Modulation modulation,
      Flux1Activations activations,
      Tensor velocity) {
    TokenRows image = activations.image();
    TokenRows text = activations.text();
    backend.linear(latents, weights.imageEmbedder(), Epilogue.NONE, image.stream());
    backend.linear(promptEmbeds, weights.promptEmbedder(), Epilogue.NONE, text.stream());
    probe.observe("x_embedder", image.stream());
    probe.observe("context_embedder", text.stream());
    for (int i = 0; i < doubleBlocks.size(); i++) {
      doubleBlocks.get(i).forward(modulation.doubleBlocks().get(i), activations);
    }
    for (int i = 0; i < singleBlocks.size(); i++) {
      singleBlocks.get(i).forward(modulation.singleBlocks().get(i), activations);
    }
    backend.modulatedLayerNorm(
        image.stream(),
        modulation.finalShift(),
        modulation.finalScale(),
        Flux1Params.EPS,
        image.normed());
    probe.observe("norm_out", image.normed());
    backend.linear(image.normed(), weights.projection(), Epilogue.NONE, velocity);
  }
}
