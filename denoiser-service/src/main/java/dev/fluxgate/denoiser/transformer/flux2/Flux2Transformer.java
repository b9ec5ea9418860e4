package dev.fluxgate.denoiser.transformer.flux2;

import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.AxialRope;
import dev.fluxgate.engine.backend.Backend;
import dev.fluxgate.engine.backend.Epilogue;
import dev.fluxgate.engine.backend.StageProbe;
import dev.fluxgate.engine.backend.Weight;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * {@code Flux2Transformer2DModel}: noisy latents and prompt embeds → velocity (flux2 spec §1). L
 * text tokens, S image tokens, C latent channels, D width.
 *
 * <p>Once a job: {@link #place} the positions and {@link #modulate} all steps; then {@link
 * #forward} once a step and sequence, which lays out and allocates no tensor.
 */
public final class Flux2Transformer {
  private final Backend backend;
  private final Flux2Params params;
  private final Flux2Weights weights;
  private final StageProbe probe;
  private final AxialRope rope;
  private final TimestepGuidanceEmbedding embedding;
  private final List<DoubleStreamBlock> doubleBlocks;
  private final List<SingleStreamBlock> singleBlocks;
  private final FinalLayer finalLayer;

  /** The model over loaded weights; {@code probe} sees its stages. */
  public Flux2Transformer(
      Backend backend, Flux2Params params, Flux2Weights weights, StageProbe probe) {
    this.backend = backend;
    this.params = params;
    this.weights = weights;
    this.probe = probe;
    rope = new AxialRope(params.ropeAxes(), params.ropeTheta());
    embedding = new TimestepGuidanceEmbedding(backend, weights);
    doubleBlocks = IntStream.range(0, params.doubleBlocks()).mapToObj(this::doubleBlock).toList();
    singleBlocks = IntStream.range(0, params.singleBlocks()).mapToObj(this::singleBlock).toList();
    finalLayer = new FinalLayer(backend, params, weights, probe);
  }

  private DoubleStreamBlock doubleBlock(int i) {
    return new DoubleStreamBlock(backend, params, weights.doubleBlocks().get(i), i, probe);
  }

  private SingleStreamBlock singleBlock(int i) {
    return new SingleStreamBlock(backend, params, weights.singleBlocks().get(i), i, probe);
  }

  /** Its architecture. */
  public Flux2Params params() {
    return params;
  }

  /** Stores the angles of the positions, text first, then image. */
  public void place(PositionIds text, PositionIds image, Flux2Activations activations) {
    PositionIds ids = text.then(image);
    backend.upload(rope.cos(ids), activations.joint().rope().cos());
    backend.upload(rope.sin(ids), activations.joint().rope().sin());
  }

  /**
   * Fills the modulations of all N steps.
   *
   * @param timesteps N noise levels in [0, 1], in the type of the latents
   * @param guidance N guidance scales, or none
   */
  public void modulate(float[] timesteps, float @Nullable [] guidance, StepModulations steps) {
    if (timesteps.length != steps.count()) {
      throw new IllegalArgumentException(
          "timesteps: " + timesteps.length + " (expected: " + steps.count() + ")");
    }
    embedding.forward(timesteps, guidance, steps);
    probe.observe("temb", steps.embedding);
    backend.silu(steps.embedding, steps.activated);
    modulate(steps, weights.imageModulation(), steps.image);
    modulate(steps, weights.textModulation(), steps.text);
    modulate(steps, weights.singleModulation(), steps.single);
    modulate(steps, weights.finalShift(), steps.finalShift);
    modulate(steps, weights.finalScale(), steps.finalScale);
    probe.observe("modulation_img", steps.image);
    probe.observe("modulation_txt", steps.text);
    probe.observe("modulation_single", steps.single);
  }

  private void modulate(StepModulations steps, Weight.Linear matrix, Tensor out) {
    backend.linear(steps.activated, matrix, Epilogue.NONE, out);
  }

  /**
   * The velocity of one sequence at one step.
   *
   * @param latents (S, C)
   * @param promptEmbeds (L, width of the prompt)
   * @param velocity (S, C), the result
   */
  public void forward(
      Tensor latents,
      Tensor promptEmbeds,
      StepModulation step,
      Flux2Activations activations,
      Tensor velocity) {
    backend.linear(latents, weights.imageEmbedder(), Epilogue.NONE, activations.image().stream());
    pass(promptEmbeds, step, activations, velocity);
  }

  /**
   * The same beside references: R clean tokens that are passed along and predicted nowhere (flux2
   * spec §2.4).
   *
   * @param latents (S, C)
   * @param references (R, C)
   * @param promptEmbeds (L, width of the prompt)
   * @param activations laid out for S + R image tokens
   * @param velocity (S, C), the result
   */
  public void forward(
      Tensor latents,
      Tensor references,
      Tensor promptEmbeds,
      StepModulation step,
      Flux2Activations activations,
      Tensor velocity) {
    Tensor image = activations.image().stream();
    Tensor made = image.rows(0, latents.rows());
    Tensor seen = image.rows(latents.rows(), references.rows());
    backend.linear(latents, weights.imageEmbedder(), Epilogue.NONE, made);
    backend.linear(references, weights.imageEmbedder(), Epilogue.NONE, seen);
    pass(promptEmbeds, step, activations, velocity);
  }

  private void pass(
      Tensor promptEmbeds, StepModulation step, Flux2Activations activations, Tensor velocity) {
    Tensor text = activations.text().stream();
    backend.linear(promptEmbeds, weights.promptEmbedder(), Epilogue.NONE, text);
    probe.observe("x_embedder", activations.image().stream());
    probe.observe("context_embedder", text);
    for (DoubleStreamBlock block : doubleBlocks) {
      block.forward(step, activations);
    }
    for (SingleStreamBlock block : singleBlocks) {
      block.forward(step, activations);
    }
    finalLayer.forward(step, activations.image().rows(0, velocity.rows()), velocity);
  }

  /**
   * Computes the keys and values of R reference tokens in every block, for all steps (flux2 spec
   * §1.9).
   *
   * @param references (R, C), in {@code activations} placed without text
   * @param atRest the modulation of time 0
   * @param activations laid out for R image tokens and no text
   * @param keys the result
   */
  public void remember(
      Tensor references, StepModulation atRest, Flux2Activations activations, ReferenceKeys keys) {
    Tensor image = activations.image().stream();
    backend.linear(references, weights.imageEmbedder(), Epilogue.NONE, image);
    probe.observe("x_embedder", image);
    for (DoubleStreamBlock block : doubleBlocks) {
      block.remember(atRest, activations, keys);
    }
    for (SingleStreamBlock block : singleBlocks) {
      block.remember(atRest, activations, keys);
    }
  }
}
