package dev.fluxgate.denoiser.pipeline;

import dev.fluxgate.denoiser.latent.LatentGrid;
import dev.fluxgate.denoiser.latent.PositionIds;
import dev.fluxgate.denoiser.transformer.Flux2Activations;
import dev.fluxgate.denoiser.transformer.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.StepModulation;
import dev.fluxgate.engine.tensor.HostTensor;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * One run of the transformer over all N pictures of a job, one after the other; a step has a
 * positive pass, and perhaps a negative one. S image tokens, L text tokens.
 *
 * @param prompts embeds of all prompts of this pass
 * @param sequences one a picture
 * @param activations shared by all of them
 * @param velocity (N·S, C), what the pass gives
 */
record TransformerPass(
    Prompts prompts, List<Sequence> sequences, Flux2Activations activations, Tensor velocity) {

  /** Stores what all steps read: the prompt embeds, and the positions of the tokens. */
  void prepare(DenoiserModel model, HostTensor promptEmbeds, LatentGrid grid) {
    model.backend().upload(promptEmbeds.to(model.dtype()), prompts.embeds());
    PositionIds text = PositionIds.text(prompts.tokens());
    model.transformer().place(text, PositionIds.image(grid, 0), activations);
  }

  /** Predicts the velocity of every picture. */
  void forward(Flux2Transformer transformer, StepModulation step) {
    for (Sequence sequence : sequences) {
      transformer.forward(
          sequence.latents(), sequence.promptEmbeds(), step, activations, sequence.velocity());
    }
  }

  /**
   * Views of one picture.
   *
   * @param latents (S, C)
   * @param promptEmbeds (L, width)
   * @param velocity (S, C)
   */
  record Sequence(Tensor latents, Tensor promptEmbeds, Tensor velocity) {}

  /**
   * Embeds of all prompts.
   *
   * @param embeds (count · tokens, width)
   * @param count one for all pictures, or one a prompt
   * @param tokens L, of each
   */
  record Prompts(Tensor embeds, int count, int tokens) {

    /** (L, width). */
    Tensor of(int prompt) {
      return embeds.rows(count == 1 ? 0 : prompt * tokens, tokens);
    }
  }
}
