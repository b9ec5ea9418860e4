package dev.fluxgate.denoiser.pipeline.flux2;

import dev.fluxgate.denoiser.pipeline.block.PromptRows;
import dev.fluxgate.denoiser.pipeline.block.TransformerPass;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Activations;
import dev.fluxgate.denoiser.transformer.flux2.Flux2Transformer;
import dev.fluxgate.denoiser.transformer.flux2.StepModulations;
import dev.fluxgate.engine.tensor.Tensor;
import java.util.List;

/**
 * The FLUX.2 transformer over all pictures of a job. S image tokens, L text tokens.
 *
 * @param transformer whose weights
 * @param prompts embeds of all prompts of this pass
 * @param sequences one a picture
 * @param references (R, C), passed along with every picture; no rows where there are none
 * @param modulations of all steps
 * @param activations shared by all pictures
 * @param velocity (N·S, C), what the pass gives
 */
record Flux2Pass(
    Flux2Transformer transformer,
    PromptRows prompts,
    List<Sequence> sequences,
    Tensor references,
    StepModulations modulations,
    Flux2Activations activations,
    Tensor velocity)
    implements TransformerPass {

  @Override
  public void forward(int step) {
    for (Sequence picture : sequences) {
      if (references.rows() == 0) {
        transformer.forward(
            picture.latents(),
            picture.promptEmbeds(),
            modulations.at(step),
            activations,
            picture.velocity());
      } else {
        transformer.forward(
            picture.latents(),
            references,
            picture.promptEmbeds(),
            modulations.at(step),
            activations,
            picture.velocity());
      }
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
}
