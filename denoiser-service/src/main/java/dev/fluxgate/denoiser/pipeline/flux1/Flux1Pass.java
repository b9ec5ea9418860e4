package dev.fluxgate.denoiser.pipeline.flux1;

import dev.fluxgate.denoiser.pipeline.block.PromptRows;
import dev.fluxgate.denoiser.pipeline.block.TransformerPass;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Activations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Modulations;
import dev.fluxgate.denoiser.transformer.flux1.Flux1Transformer;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * The FLUX.1 transformer over all pictures of a job. S image tokens, L text tokens.
 *
 * @param transformer whose weights
 * @param prompts embeds of all prompts of this pass
 * @param sequences one a picture
 * @param modulations of all steps for the first prompt, then for the next
 * @param activations shared by all pictures
 * @param velocity (N·S, C), what the pass gives
 */
record Flux1Pass(
    Flux1Transformer transformer,
    PromptRows prompts,
    List<Sequence> sequences,
    Flux1Modulations modulations,
    Flux1Activations activations,
    Tensor velocity)
    implements TransformerPass {

  @Override
  public void forward(int step) {
    for (Sequence picture : sequences) {
      transformer.forward(
          picture.latents(),
          picture.promptEmbeds(),
          modulations.at(picture.firstModulation() + step),
          activations,
          picture.velocity());
    }
  }

  /**
   * What belongs to one picture.
   *
   * @param latents (S, C)
   * @param promptEmbeds (L, width)
   * @param firstModulation row of its prompt's modulations at step 0
   * @param velocity (S, C)
   */
  record Sequence(Tensor latents, Tensor promptEmbeds, int firstModulation, Tensor velocity) {}
}
